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
        result.draft.applyDefaults(name: name)
        addDefaultServer(to: &result, &findings)
        checkServers(of: &result, &findings)
        checkFiles(of: result, &findings)
        checkQuantities(of: result, &findings)
        warnOfIdleKeys(in: result, &findings)
        let draft = result.draft
        sections.record(result, into: &findings) { key in
            key.needs.isMet(hasRemote: draft.hasRemote, hasLocal: draft.hasLocal)
        }
        guard findings.problems.count == before else {
            return nil
        }
        return ModelConfiguration(
            name: name, role: draft.role, targets: draft.targets(of: name), isResident: draft.isResident,
            isPinned: draft.isPinned || draft.isResident, isBestEffort: draft.isBestEffort,
            isSameModel: draft.isSameModel, onFull: draft.onFull, keepAlive: draft.keepAlive)
    }

    private typealias Result = SectionReader<ModelDraft>.Result

    private func path(_ key: String) -> String {
        "\(sections.keyPath).\(key)"
    }

    /// Where to point when `key` is at fault: its value, or the model's name if it has none.
    private func origin(of key: String, in result: Result) -> Origin {
        result.origins[key] ?? nameOrigin
    }

    /// A model on an Ollama server that names no server is on the one of the environment.
    private func addDefaultServer(to result: inout Result, _ findings: inout Findings) {
        guard result.draft.hasRemote, let backend = result.draft.backend, result.origins["servers"] == nil else {
            return
        }
        let variableName = ConfigurationSchema.ollamaVariable
        guard backend == .ollama, let variable = sections.surroundings.variables[variableName] else {
            var message = "backend \(backend.rawValue) needs a server. Add 'servers: [http://HOST:PORT]'"
            message += backend == .ollama ? ", or set \(variableName) in the environment or in '.env'." : "."
            findings.report(.missingKey, at: origin(of: "backend", in: result), path("servers"), message)
            return
        }
        do throws(Complaint) {
            result.draft.servers = [try ServerURL(variable.value, from: variable.origin)]
            result.origins["servers"] = variable.origin
        } catch {
            findings.report(error.code, at: variable.origin, path("servers"), error.message)
        }
    }

    private func checkServers(of result: inout Result, _ findings: inout Findings) {
        guard let servers = result.draft.servers else {
            return
        }
        if servers.isEmpty {
            let message = "the list is empty. Name at least one server."
            findings.report(.invalidValue, at: origin(of: "servers", in: result), path("servers"), message)
        }
        for (index, server) in servers.enumerated() {
            if servers[..<index].contains(where: { $0.authority == server.authority }) {
                let message = "\(server.authority) is in the list twice. Remove one of the two."
                findings.report(.duplicate, at: server.origin, path("servers[\(index)]"), message)
            }
            // The path that every OpenAI client is configured with; the backend adds it itself.
            if result.draft.backend == .openAI, server.path.hasSuffix("/v1") {
                result.draft.servers?[index].path.removeLast(3)
            }
        }
    }

    private func checkFiles(of result: Result, _ findings: inout Findings) {
        let draft = result.draft
        func report(_ code: Problem.Code, _ key: String, at origin: Origin, _ message: String) {
            findings.report(code, at: origin, path(key), message)
        }
        if draft.backend == nil, !result.failed.contains("backend") {
            let names = TargetKind.allCases.map(\.rawValue).joined(separator: ", ")
            report(.missingKey, "backend", at: nameOrigin, "the key is missing. Write one of \(names).")
        }
        if draft.gguf == nil, !result.failed.contains("gguf") {
            let demand = draft.backend?.isLocal == true ? "backend" : draft.fallback == .local ? "fallback" : nil
            if let demand {
                let message = "\(demand) gguf_native needs the model's file. Add 'gguf: models/FILE.gguf'."
                report(.missingKey, "gguf", at: origin(of: demand, in: result), message)
            } else if draft.mmproj != nil {
                let message = "a projector needs the model's file beside it. Add 'gguf: models/FILE.gguf'."
                report(.conflict, "mmproj", at: origin(of: "mmproj", in: result), message)
            }
        }
        if draft.isSameModel, draft.backend != nil, !result.failed.contains("fallback"),
            !(draft.hasRemote && draft.hasLocal)
        {
            let message =
                "needs both a server and a local file, to compare. Choose an HTTP backend and 'fallback: gguf_native', "
                + "or remove the key."
            report(.conflict, "same_model", at: origin(of: "same_model", in: result), message)
        }
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
        if draft.role == .embedding, let step = draft.microBatch, let length = draft.minContextLength, step < length {
            report(
                "micro_batch",
                "an embedding of \(length) tokens is made in one step, which \(step) tokens are too few for.")
        }
        if draft.kvTypes.isEmpty || Set(draft.kvTypes).count < draft.kvTypes.count {
            report("kv_types", "expected one or more of f16, q8_0, q4_0, each once.")
        }
    }

    /// Warns of keys in the file that differ from their default and cannot have an effect.
    private func warnOfIdleKeys(in result: Result, _ findings: inout Findings) {
        let draft = result.draft, defaults = sections.section.defaults
        guard draft.backend != nil, result.failed.isEmpty else {
            return
        }
        for key in sections.section.keys {
            guard let origin = result.origins[key.name], case .file = origin, key.render(draft) != key.render(defaults),
                !key.needs.isMet(hasRemote: draft.hasRemote, hasLocal: draft.hasLocal)
            else {
                continue
            }
            findings.warn(.noEffect, at: origin, path(key.name), "has no effect: \(key.needs.lack).")
        }
        if draft.backend?.isLocal == true, draft.fallback == .local {
            let message = "has no effect: the backend is the local file already."
            findings.warn(.noEffect, at: origin(of: "fallback", in: result), path("fallback"), message)
        }
    }
}
