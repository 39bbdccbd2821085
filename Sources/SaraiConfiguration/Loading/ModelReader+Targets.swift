import SaraiCore

extension ModelReader {
    /// Fills in the targets' defaults that come from elsewhere, and checks the targets against each other.
    func completeTargets(of result: inout Result, _ findings: inout Findings) {
        if hasList(result) {
            refuseShortForm(in: result, &findings)
            checkList(in: result, &findings)
            for index in (result.draft.targets ?? []).indices {
                guard var entry = result.draft.targets?[index] else {
                    continue
                }
                complete(&entry.draft, origins: &entry.origins, at: entryPath(index), entry.origin, &findings)
                result.draft.targets?[index] = entry
            }
        } else {
            checkShortForm(in: result, &findings)
            complete(&result.draft.preferred, origins: &result.origins, at: sections.keyPath, nameOrigin, &findings)
        }
        checkServers(of: result, &findings)
    }

    private func entryPath(_ index: Int) -> String {
        "\(path(ConfigurationSchema.targets.name))[\(index)]"
    }

    /// One form or the other: what a mixture means nobody could tell.
    private func refuseShortForm(in result: Result, _ findings: inout Findings) {
        for key in ConfigurationSchema.shortForm {
            if let origin = result.origins[key.name] {
                let message =
                    "cannot stand beside 'targets': that list takes its place. Say it in the list, or remove one of the two."
                findings.report(.conflict, at: origin, path(key.name), message)
            }
        }
    }

    private func checkList(in result: Result, _ findings: inout Findings) {
        guard let targets = result.draft.targets else {
            return
        }
        let name = ConfigurationSchema.targets.name
        if targets.isEmpty {
            let message = "the list is empty. Name at least one target."
            findings.report(.invalidValue, at: origin(of: name, in: result), path(name), message)
        }
        for (index, target) in targets.enumerated() where target.draft.isLocal {
            let origin = target.origins["backend"] ?? target.origin
            if targets[..<index].contains(where: \.draft.isLocal) {
                let message = "a second target on this machine. A model has one; remove one of the two."
                findings.report(.duplicate, at: origin, "\(entryPath(index)).backend", message)
            }
            for key in ConfigurationSchema.targetEntry.keys where key.needs == .remote {
                if let origin = target.origins[key.name] {
                    let message = "has no effect: this target is on this machine, not a server."
                    findings.warn(.noEffect, at: origin, "\(entryPath(index)).\(key.name)", message)
                }
            }
        }
        if let first = targets.first, first.draft.isSameModel, let origin = first.origins["same_model"] {
            let message = "has no effect: this is the first target, with which the others compare themselves."
            findings.warn(.noEffect, at: origin, "\(entryPath(0)).same_model", message)
        }
    }

    private func checkShortForm(in result: Result, _ findings: inout Findings) {
        let draft = result.draft
        if draft.preferred.backend == nil, !result.failed.contains("backend") {
            let names = TargetKind.allCases.map(\.rawValue).joined(separator: ", ")
            findings.report(
                .missingKey, at: nameOrigin, path("backend"), "the key is missing. Write one of \(names).")
        }
        if draft.preferred.isSameModel, draft.preferred.backend != nil, !result.failed.contains("fallback"),
            !(draft.hasRemote && draft.hasLocal)
        {
            let message =
                "needs both a server and a local file, to compare. Choose an HTTP backend and 'fallback: gguf_native', "
                + "or remove the key."
            findings.report(.conflict, at: origin(of: "same_model", in: result), path("same_model"), message)
        }
    }

    /// A target on an Ollama server that names no server is on the one of the environment; the path that every OpenAI
    /// client is configured with is left out.
    private func complete(
        _ target: inout TargetDraft, origins: inout [String: Origin], at keyPath: String, _ origin: Origin,
        _ findings: inout Findings
    ) {
        guard let backend = target.backend, target.isRemote else {
            return
        }
        // The backend adds it itself.
        if backend == .openAI, let servers = target.servers {
            for (index, server) in servers.enumerated() where server.url.path.hasSuffix("/v1") {
                target.servers?[index].url.path.removeLast(3)
            }
        }
        guard origins["servers"] == nil else {
            return
        }
        let variableName = ConfigurationSchema.ollamaVariable
        guard backend == .ollama, let variable = sections.surroundings.variables[variableName] else {
            var message = "backend \(backend.rawValue) needs a server. Add 'servers: [http://HOST:PORT]'"
            message += backend == .ollama ? ", or set \(variableName) in the environment or in '.env'." : "."
            findings.report(.missingKey, at: origins["backend"] ?? origin, "\(keyPath).servers", message)
            return
        }
        do throws(Complaint) {
            target.servers = [ServerEntry(url: try ServerURL(variable.value, from: variable.origin))]
            origins["servers"] = variable.origin
        } catch {
            findings.report(error.code, at: variable.origin, "\(keyPath).servers", error.message)
        }
    }

    /// A server that is there twice would be one target with two names for its load.
    private func checkServers(of result: Result, _ findings: inout Findings) {
        var seen: [TargetID: Int] = [:]
        for (tier, target) in result.draft.tiers.enumerated() {
            guard let servers = target.servers, let kind = target.backend else {
                continue
            }
            let path = "\(hasList(result) ? entryPath(tier) : sections.keyPath).servers"
            if servers.isEmpty {
                let origin = result.draft.targets?[tier].origins["servers"] ?? origin(of: "servers", in: result)
                findings.report(.invalidValue, at: origin, path, "the list is empty. Name at least one server.")
            }
            for (index, server) in servers.enumerated() {
                let id = TargetID(model: name, kind: kind, server: server.url.authority)
                guard let first = seen[id] else {
                    seen[id] = tier
                    continue
                }
                let place = first == tier ? "in the list twice" : "in targets[\(first)] already"
                let message = "\(server.url.authority) is \(place). Remove one of the two."
                findings.report(.duplicate, at: server.url.origin, "\(path)[\(index)]", message)
            }
        }
    }
}
