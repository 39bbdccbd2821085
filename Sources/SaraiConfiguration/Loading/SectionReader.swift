import SaraiCore

/// Reads one mapping of the file by its section's table, and the variables and flags that override it.
struct SectionReader<Draft: Sendable> {
    let section: Section<Draft>
    /// The mapping's path: `memory`, `models.solar`.
    let keyPath: String
    /// The model, for the variables that each model has.
    var model: ModelName?
    let surroundings: Surroundings
    /// Values from the command line by key path.
    let flags: [String: String]

    /// What a section's values are and where they come from.
    struct Result: Sendable {
        var draft: Draft
        /// Where the mapping begins.
        let origin: Origin
        /// The origin of every value that somebody set, by the key's name; also of those that could not be read.
        var origins: [String: Origin] = [:]
        /// The keys whose value could not be read.
        var failed: Set<String> = []
    }

    /// Reads all keys. `value` is `nil` when the file has no such section.
    func read(_ value: SourceValue?, defaults: Draft, into findings: inout Findings) -> Result {
        var entries: [String: SourceValue] = [:]
        for entry in mapping(of: value, into: &findings) {
            guard section.keys.contains(where: { $0.name == entry.key }) else {
                findings.report(.unknownKey, at: entry.keyOrigin, path(entry.key), unknownKeyMessage(entry.key))
                continue
            }
            entries[entry.key] = entry.value
        }
        var result = Result(draft: defaults, origin: value?.origin ?? .default)
        for key in section.keys {
            guard let value = source(of: key, inFile: entries[key.name]) else {
                if key.isRequired {
                    let message = "the key is missing. Write \(key.noun)."
                    findings.report(.missingKey, at: result.origin, path(key.name), message)
                    result.failed.insert(key.name)
                }
                continue
            }
            var reader = ValueReader(
                keyPath: path(key.name), origin: value.origin, surroundings: surroundings, findings: findings)
            key.read(value, &reader, &result.draft)
            if reader.findings.problems.count > findings.problems.count {
                result.failed.insert(key.name)
            }
            findings = reader.findings
            result.origins[key.name] = reader.origin
        }
        return result
    }

    private func mapping(of value: SourceValue?, into findings: inout Findings) -> [SourceValue.Entry] {
        guard let value, !value.isNull else {
            return []
        }
        guard case .mapping(let entries) = value.content else {
            let message = "expected a mapping of keys to values, found \(value.summary)."
            findings.report(.wrongType, at: value.origin, keyPath, message)
            return []
        }
        return entries
    }

    /// The value that counts: of the flag, else of the variable, else of the file.
    private func source(of key: ConfigurationKey<Draft>, inFile value: SourceValue?) -> SourceValue? {
        if let text = flags[path(key.name)] {
            return SourceValue(text: text, from: .flag(key.flag ?? "--set \(path(key.name))"))
        }
        if let name = key.variable?.name(for: model), let variable = surroundings.variables[name] {
            return SourceValue(text: variable.value, from: variable.origin)
        }
        return value
    }

    private func path(_ key: String) -> String {
        "\(keyPath).\(key)"
    }

    private func unknownKeyMessage(_ key: String) -> String {
        let suggestion = Suggestion.sentence(for: key, among: section.keys.map(\.name))
        guard suggestion.isEmpty else {
            return "unknown key.\(suggestion)"
        }
        if keyPath.hasPrefix("pipelines."), let owner = ConfigurationSchema.pipelineOwner(of: key) {
            return "unknown key here. It is a key of \(owner)."
        }
        guard let home = ConfigurationSchema.sections.first(where: { $0.keys.contains { $0.name == key } }) else {
            return "unknown key."
        }
        guard home.name != "models" || !keyPath.hasPrefix("models.") else {
            return "unknown key here. It is a key of the model itself."
        }
        return "unknown key here. It belongs under '\(home.name)'."
    }
}

extension SectionReader.Result: Equatable where Draft: Equatable {}
