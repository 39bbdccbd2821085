import SaraiCore

/// Makes a step of one entry of `steps`.
struct StepReader {
    let entry: SectionReader<StepDraft>.Result
    /// The entry's path: `pipelines.tone.steps[1]`.
    let keyPath: String
    /// Whether the step's result is the answer.
    let isLast: Bool

    /// The step, or `nil` after reporting why there is none.
    func read(into findings: inout Findings) -> PipelineStep? {
        let before = findings.problems.count
        let action = action(&findings)
        if isLast {
            checkLast(action, &findings)
        }
        guard entry.failed.isEmpty, findings.problems.count == before, let action, let name = entry.draft.name else {
            return nil
        }
        warnOfIdleKeys(action, &findings)
        return PipelineStep(
            name: name, action: action, condition: entry.draft.condition, isOptional: entry.draft.isOptional,
            otherwise: entry.draft.otherwise, timeout: entry.draft.timeout)
    }

    /// The path of one of the entry's keys.
    func path(_ key: String) -> String {
        "\(keyPath).\(key)"
    }

    /// Where to point when `key` is at fault: its value, or the entry if it has none.
    func origin(of key: String) -> Origin {
        entry.origins[key] ?? entry.origin
    }

    /// The keys that say what the step does; there should be one.
    private var actionKeys: [String] {
        ["model", "role", "search", "transcribe"].filter { key in
            // 'transcribe: false' says nothing.
            entry.origins[key] != nil && (key != "transcribe" || entry.draft.transcribes || entry.failed.contains(key))
        }
    }

    private func action(_ findings: inout Findings) -> PipelineStep.Action? {
        let keys = actionKeys, draft = entry.draft
        guard let key = keys.first else {
            let message =
                "the step has nothing to do. Write one of 'model: NAME', 'role: ROLE', 'search: TEMPLATE' and "
                + "'transcribe: true'."
            findings.report(.missingKey, at: entry.origin, keyPath, message)
            return nil
        }
        if keys.count > 1 {
            let message =
                "cannot stand beside '\(key)': a step does one thing. Remove one of the two, or make two steps."
            findings.report(.conflict, at: origin(of: keys[1]), path(keys[1]), message)
            return nil
        }
        if let query = draft.search {
            return .search(query)
        }
        if draft.transcribes {
            return .transcribe
        }
        if ["model", "role"].contains(key), entry.origins["prompt"] == nil {
            let message = "the key is missing. A step that asks a model needs a prompt, such as '{{text}}' in quotes."
            findings.report(.missingKey, at: origin(of: key), path("prompt"), message)
        }
        guard let model = draft.reference, let prompt = draft.prompt else {
            return nil
        }
        return .generate(
            GenerationStep(
                model: model, system: draft.system, prompt: prompt, takesMedia: draft.takesMedia,
                takesHistory: draft.takesHistory ?? isLast, footer: draft.footer, maxTokens: draft.maxTokens,
                temperature: draft.temperature))
    }

    /// The last step answers, so it must be one that can, and that does.
    private func checkLast(_ action: PipelineStep.Action?, _ findings: inout Findings) {
        switch action {
        case .search, .transcribe:
            let key = actionKeys.first ?? "name"
            let message =
                "the last step answers, so it must ask a model. Add a step with 'model' or 'role' and a 'prompt'."
            findings.report(.conflict, at: origin(of: key), path(key), message)
        case .generate, nil:
            break
        }
        if entry.draft.isOptional {
            let message = "the last step answers, so it cannot be optional. Remove the key."
            findings.report(.conflict, at: origin(of: "optional"), path("optional"), message)
        }
        if entry.draft.condition != .always {
            let message = "the last step answers, so it runs always. Remove the key."
            findings.report(.conflict, at: origin(of: "when"), path("when"), message)
        }
    }

    private func warnOfIdleKeys(_ action: PipelineStep.Action, _ findings: inout Findings) {
        var idle: [String: String] = [:]
        if case .generate = action {
            if !isLast {
                idle["footer"] = "only the last step's result is the answer"
            }
        } else {
            for key in StepDraft.generationKeys {
                idle[key] = "the step asks no model"
            }
        }
        if entry.draft.condition == .always, !entry.draft.isOptional {
            idle["otherwise"] = "the step runs always and is not optional"
        }
        if isLast {
            idle["timeout"] = "the answer may take as long as the request"
        }
        for key in ConfigurationSchema.stepEntry.keys.map(\.name) {
            if let reason = idle[key], let origin = entry.origins[key] {
                findings.warn(.noEffect, at: origin, path(key), "has no effect: \(reason).")
            }
        }
    }
}
