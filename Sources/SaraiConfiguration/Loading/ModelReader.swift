import SaraiCore

/// Reads one model and checks its values against each other.
struct ModelReader {
    let name: ModelName
    /// Where the model's name stands.
    let nameOrigin: Origin
    let sections: SectionReader<ModelDraft>

    /// The model, or `nil` after reporting why there is none.
    func read(_ value: SourceValue, into findings: inout Findings) -> ModelConfiguration? {
        let before = findings.problems.count
        var result = sections.read(value, defaults: sections.section.defaults, into: &findings)
        completeTargets(of: &result, &findings)
        result.draft.applyDefaults(name: name)
        checkFiles(of: result, &findings)
        checkRole(of: result, &findings)
        checkQuantities(of: result, &findings)
        warnOfIdleKeys(in: result, &findings)
        warnOfSharing(in: result, &findings)
        let draft = result.draft
        let otherForm = hasList(result) ? ConfigurationSchema.shortForm.map(\.name) : [ConfigurationSchema.targets.name]
        findings.origins += sections.section.effectiveValues(of: result, at: sections.keyPath) { key in
            !otherForm.contains(key.name) && key.needs.isMet(by: draft.kinds)
        }
        guard findings.problems.count == before else {
            return nil
        }
        return ModelConfiguration(
            name: name, role: draft.role, targets: draft.targets(of: name), isResident: draft.isResident,
            isPinned: draft.isPinned || draft.isResident, isBestEffort: draft.isBestEffort, onFull: draft.onFull,
            keepAlive: draft.keepAlive, isMatryoshka: draft.isMatryoshka)
    }

    typealias Result = SectionReader<ModelDraft>.Result

    func path(_ key: String) -> String {
        "\(sections.keyPath).\(key)"
    }

    /// Where to point when `key` is at fault: its value, or the model's name if it has none.
    func origin(of key: String, in result: Result) -> Origin {
        result.origins[key] ?? nameOrigin
    }

    /// Whether the file gives the model a list of targets, readable or not, rather than the short form.
    func hasList(_ result: Result) -> Bool {
        result.origins[ConfigurationSchema.targets.name] != nil
    }

    private func checkFiles(of result: Result, _ findings: inout Findings) {
        let draft = result.draft
        if draft.whisper == nil, !result.failed.contains("whisper"), let (demand, origin) = demand(.whisper, in: result)
        {
            let message = "\(demand) whisper_native needs the model's folder. Add 'whisper: models/FOLDER'."
            findings.report(.missingKey, at: origin, path("whisper"), message)
        }
        guard draft.gguf == nil, !result.failed.contains("gguf") else {
            return
        }
        if let (demand, origin) = demand(.gguf, in: result) {
            let message = "\(demand) gguf_native needs the model's file. Add 'gguf: models/FILE.gguf'."
            findings.report(.missingKey, at: origin, path("gguf"), message)
        } else if draft.mmproj != nil {
            let message = "a projector needs the model's file beside it. Add 'gguf: models/FILE.gguf'."
            findings.report(.conflict, at: origin(of: "mmproj", in: result), path("mmproj"), message)
        }
    }

    /// The key that asks for a target of this kind, and where it stands.
    private func demand(_ kind: TargetKind, in result: Result) -> (key: String, origin: Origin)? {
        if let entry = result.draft.targets?.first(where: { $0.draft.backend == kind }) {
            return ("backend", entry.origins["backend"] ?? entry.origin)
        }
        guard result.draft.kinds.contains(kind) else {
            return nil
        }
        let key = result.draft.preferred.isLocal ? "backend" : "fallback"
        return (key, origin(of: key, in: result))
    }

    /// A Whisper model does one thing only.
    private func checkRole(of result: Result, _ findings: inout Findings) {
        guard result.draft.kinds.contains(.whisper), result.draft.role != .speech, !result.failed.contains("role")
        else {
            return
        }
        let message = "a whisper_native model turns speech into text. Write 'role: speech'."
        findings.report(.conflict, at: origin(of: "role", in: result), path("role"), message)
    }

    /// Minimums must not exceed what is wanted, and an embedding is made in one step.
    private func checkQuantities(of result: Result, _ findings: inout Findings) {
        let draft = result.draft
        func report(_ key: String, _ message: String) {
            findings.report(.conflict, at: origin(of: key, in: result), path(key), message)
        }
        if let wanted = draft.contextLength, let minimum = draft.minContextLength, minimum > wanted {
            report(
                "min_context_length", "\(minimum) is more than context_length, \(wanted). Lower it or raise the other.")
        }
        if let wanted = draft.slots, let minimum = draft.minSlots, minimum > wanted {
            report("min_slots", "\(minimum) is more than slots, \(wanted). Lower it or raise the other.")
        }
        if draft.role.readsInOneStep, let step = draft.microBatch, let length = draft.minContextLength, step < length {
            report(
                "micro_batch",
                "a text of \(length) tokens is read in one step, which \(step) tokens are too few for.")
        }
        if draft.kvTypes.isEmpty || Set(draft.kvTypes).count < draft.kvTypes.count {
            report("kv_types", "expected one or more of f16, q8_0, q4_0, each once.")
        }
    }

    /// Whoever writes `rpc` must know what that opens.
    private func warnOfSharing(in result: Result, _ findings: inout Findings) {
        guard !result.draft.rpc.isEmpty, result.draft.kinds.contains(.gguf) else {
            return
        }
        let message =
            "what goes to these servers is neither encrypted nor authenticated, and whoever reaches their ports can do there "
            + "what they please. Only in a network where you trust every machine."
        findings.warn(.unprotected, at: origin(of: "rpc", in: result), path("rpc"), message)
    }

    /// Warns of keys in the file that differ from their default and cannot have an effect.
    private func warnOfIdleKeys(in result: Result, _ findings: inout Findings) {
        let draft = result.draft, defaults = sections.section.defaults
        guard draft.hasRemote || draft.hasLocal, result.failed.isEmpty else {
            return
        }
        for key in sections.section.keys {
            guard let origin = result.origins[key.name], case .file = origin, key.render(draft) != key.render(defaults),
                !key.needs.isMet(by: draft.kinds)
            else {
                continue
            }
            findings.warn(.noEffect, at: origin, path(key.name), "has no effect: \(key.needs.lack).")
        }
        if draft.preferred.isLocal, draft.fallback.kind != nil {
            let message = "has no effect: the backend is on this machine already."
            findings.warn(.noEffect, at: origin(of: "fallback", in: result), path("fallback"), message)
        }
    }
}
