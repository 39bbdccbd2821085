import SaraiCore

extension ConfigurationLoader {
    /// The pipelines that come with Sarai, with what the file makes of them, and then the file's own.
    ///
    /// - Parameters:
    ///   - value: the section of the file.
    ///   - configuration: what the file's pipelines refer to; `nil` leaves that unchecked.
    ///   - variables: what `${NAME}` may name.
    ///   - findings: takes what is wrong.
    /// - Returns: those that can be read.
    func pipelines(
        in value: SourceValue?, for configuration: Configuration?, _ variables: VariableScope,
        _ findings: inout Findings
    ) -> [PipelineConfiguration] {
        let shipped = ShippedPipelines.reading
        findings.problems += shipped.findings.problems
        findings.warnings += shipped.findings.warnings
        var pipelines = shipped.pipelines
        let entries = value.map { PipelineReader.entries(of: $0, into: &findings) } ?? []
        for pipeline in pipelines where !entries.contains(where: { $0.key == pipeline.name }) {
            let path = "\(ConfigurationSchema.pipelines.name).\(pipeline.name)"
            findings.origins.append(EffectiveValue(keyPath: path, value: pipeline.summary, origin: .default))
        }
        for entry in entries {
            let path = "\(ConfigurationSchema.pipelines.name).\(entry.key)"
            guard isFree(entry, path, &findings) else {
                continue
            }
            let index = pipelines.firstIndex { $0.name == entry.key }
            if entry.value.isOff {
                guard let index else {
                    let message = "there is no pipeline of this name to turn off."
                    let suggestion = Suggestion.sentence(for: entry.key, among: pipelines.map(\.name))
                    findings.report(.unknownKey, at: entry.keyOrigin, path, message + suggestion)
                    continue
                }
                pipelines.remove(at: index)
                findings.origins.append(EffectiveValue(keyPath: path, value: "off", origin: entry.value.origin))
                continue
            }
            let reader = PipelineReader(entry.key, surroundings(variables), configuration: configuration)
            guard let pipeline = reader.read(entry.value, into: &findings) else {
                continue
            }
            if let index {
                pipelines[index] = pipeline
            } else {
                pipelines.append(pipeline)
            }
        }
        return pipelines
    }

    /// Whether a pipeline may have the name that the file gives it.
    private func isFree(_ entry: SourceValue.Entry, _ path: String, _ findings: inout Findings) -> Bool {
        guard PipelineConfiguration.isName(entry.key) else {
            let message = "not a pipeline's name: 1 to 64 characters of A–Z a–z 0–9 . _ -, first a letter or a digit."
            findings.report(.invalidValue, at: entry.keyOrigin, path, message)
            return false
        }
        guard entry.key != PipelineConfiguration.auto else {
            let message =
                "the name is reserved: for '\(PipelineConfiguration.prefix)\(entry.key)' the router chooses. Choose another one."
            findings.report(.invalidValue, at: entry.keyOrigin, path, message)
            return false
        }
        return true
    }
}

extension SourceValue {
    /// Whether this is `off`, or another of YAML's words for that.
    fileprivate var isOff: Bool {
        guard case .scalar(let text, _) = content else {
            return false
        }
        return ["off", "false", "no"].contains(text.lowercased())
    }
}
