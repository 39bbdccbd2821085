import SaraiCore

extension ConfigurationLoader {
    /// The sections of the file by name; reports those that do not exist.
    func sections(of root: SourceValue, into findings: inout Findings) -> [String: SourceValue] {
        guard case .mapping(let entries) = root.content else {
            let expected = "expected a mapping that begins with 'models:'"
            findings.report(.wrongType, at: root.origin, "", "\(expected), found \(root.summary).")
            return [:]
        }
        let names = ConfigurationSchema.sections.map(\.name)
        var sections: [String: SourceValue] = [:]
        for entry in entries {
            guard names.contains(entry.key) else {
                let message = Self.unknownSectionMessage(entry.key, names: names)
                findings.report(.unknownKey, at: entry.keyOrigin, entry.key, message)
                continue
            }
            sections[entry.key] = entry.value
        }
        if sections["models"] == nil {
            let origin = Origin.file(SourceLocation(file: file.path))
            let message = "no models. A configuration names at least one under 'models'."
            findings.report(.missingKey, at: origin, "models", message)
        }
        return sections
    }

    private static func unknownSectionMessage(_ name: String, names: [String]) -> String {
        let home = ConfigurationSchema.settings.first { $0.keys.contains { $0.name == name } }
        if let home {
            return "unknown key here. It belongs under '\(home.name)'."
        }
        return "unknown key.\(Suggestion.sentence(for: name, among: names))"
    }

    /// The models in the order of the file; reports names that are malformed or taken.
    func models(
        in value: SourceValue?, _ variables: VariableScope, _ findings: inout Findings
    ) -> [ModelConfiguration] {
        guard let value else {
            return []
        }
        guard case .mapping(let entries) = value.content, !entries.isEmpty else {
            var message = "no models. Name at least one here."
            if !value.isNull, !value.isEmptyMapping {
                message = "expected a mapping of names to models, found \(value.summary)."
            }
            findings.report(value.isNull ? .missingKey : .wrongType, at: value.origin, "models", message)
            return []
        }
        var models: [ModelConfiguration] = []
        var seen: [ModelName: Origin] = [:]
        for entry in entries {
            let path = "models.\(entry.key)"
            guard let name = ModelName(entry.key) else {
                let message =
                    "not a model's name: 1 to 128 characters of A–Z a–z 0–9 . _ - / :, first a letter or a digit."
                findings.report(.invalidValue, at: entry.keyOrigin, path, message)
                continue
            }
            guard !name.rawValue.hasPrefix(PipelineConfiguration.prefix) else {
                let message =
                    "names that begin with '\(PipelineConfiguration.prefix)' are those of pipelines. Choose another one."
                findings.report(.invalidValue, at: entry.keyOrigin, path, message)
                continue
            }
            if let first = seen.updateValue(entry.keyOrigin, forKey: name) {
                let line = first.location?.line.map { " in line \($0)" } ?? ""
                let message = "the model '\(name)' is here already\(line); the tag 'latest' makes no difference."
                findings.report(.duplicate, at: entry.keyOrigin, path, message)
            }
            let sections = SectionReader(
                section: ConfigurationSchema.models, keyPath: path, model: name,
                surroundings: surroundings(variables), flags: flags)
            let reader = ModelReader(name: name, nameOrigin: entry.keyOrigin, sections: sections)
            if let model = reader.read(entry.value, into: &findings) {
                models.append(model)
            }
        }
        return models
    }

    /// Reports flags for keys that do not exist.
    func checkFlags(_ models: SourceValue?, _ findings: inout Findings) {
        var paths = ConfigurationSchema.settings.flatMap { section in
            section.keys.map { "\(section.name).\($0.name)" }
        }
        if case .mapping(let entries) = models?.content {
            paths += entries.flatMap { entry in
                ConfigurationSchema.models.keys.map { "models.\(entry.key).\($0.name)" }
            }
        }
        for path in flags.keys.sorted() where !paths.contains(path) {
            let message = "unknown key.\(Suggestion.sentence(for: path, among: paths))"
            findings.report(.unknownKey, at: .flag("--set \(path)"), path, message)
        }
    }

    /// Warns of variables that look as if Sarai should read them and that it does not.
    func warnOfStrayVariables(_ variables: VariableScope, models: [ModelName], _ findings: inout Findings) {
        let perModel = ConfigurationSchema.models.keys.compactMap(\.variable)
        let known =
            ConfigurationSchema.overridingVariables + [ConfigurationSchema.ollamaVariable]
            + models.flatMap { model in perModel.compactMap { $0.name(for: model) } }
        let suffixes = perModel.map { $0.placeholder.replacing("<MODEL>", with: "") }
        let stray = Set(variables.environmentNames + variables.dotEnvNames).subtracting(known)
        for name in stray.sorted() where !findings.expandedVariables.contains(name) {
            guard let origin = variables[name]?.origin else {
                continue
            }
            let suggestion = Suggestion.nearest(to: name, among: known).map { " Did you mean '\($0)'?" } ?? ""
            if suffixes.contains(where: { name.hasSuffix($0) }) {
                findings.warn(.noEffect, at: origin, "", "\(name) names no model of this configuration.\(suggestion)")
            } else if !suggestion.isEmpty, case .dotEnv = origin {
                findings.warn(.noEffect, at: origin, "", "\(name) has no effect: nothing reads it.\(suggestion)")
            }
        }
    }
}

extension SourceValue {
    /// Whether this is `{}`.
    fileprivate var isEmptyMapping: Bool {
        guard case .mapping(let entries) = content else {
            return false
        }
        return entries.isEmpty
    }
}
