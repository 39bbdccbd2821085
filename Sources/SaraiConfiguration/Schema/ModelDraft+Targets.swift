import SaraiCore

extension ModelDraft {
    /// The targets in order of preference, whichever form the file has: each is a tier.
    var tiers: [TargetDraft] {
        if let targets {
            return targets.map(\.draft)
        }
        guard let kind = fallback.kind, !preferred.isLocal else {
            return [preferred]
        }
        let twin = TargetDraft(backend: kind, isSameModel: preferred.isSameModel)
        return prefersHTTP ? [preferred, twin] : [twin, preferred]
    }

    /// What the model is meant to be served by.
    var kinds: Set<TargetKind> {
        Set(tiers.compactMap(\.backend))
    }

    /// Whether the model is meant to have a remote target.
    var hasRemote: Bool {
        tiers.contains(where: \.isRemote)
    }

    /// Whether the model is meant to have a local target.
    var hasLocal: Bool {
        tiers.contains(where: \.isLocal)
    }

    /// The targets, in order of preference.
    func targets(of name: ModelName) -> [TargetConfiguration] {
        let tiers = tiers
        // The later ones compare themselves with the first.
        let isFirstShared = tiers.dropFirst().contains(where: \.isSameModel)
        return tiers.enumerated().flatMap { tier, target in
            let isSameModel = tier == 0 ? isFirstShared : target.isSameModel
            switch target.backend {
            case .ollama, .openAI: return target.servers(of: name, tier: tier, isSameModel: isSameModel)
            case .gguf:
                return gguf.map { [localTarget(.gguf($0, mmproj: mmproj), of: name, tier, isSameModel)] } ?? []
            case .whisper: return whisper.map { [localTarget(.whisper($0), of: name, tier, isSameModel)] } ?? []
            case nil: return []
            }
        }
    }

    private func localTarget(
        _ model: LocalModel, of name: ModelName, _ tier: Int, _ isSameModel: Bool
    ) -> TargetConfiguration {
        var target = LocalTargetConfiguration(
            id: TargetID(model: name, kind: .gguf), model: model, source: source,
            contextLength: contextLength ?? 4096, minContextLength: minContextLength ?? 4096, slots: slots ?? 1,
            minSlots: minSlots ?? 1, loadMode: loadMode, kvTypes: kvTypes, microBatch: microBatch, threads: threads,
            chatTemplate: chatTemplate, isEmbedding: role.readsInOneStep, isReranker: role == .reranker, tier: tier,
            isSameModel: isSameModel)
        target.rpc = rpc
        if case .whisper = model {
            target.rpc = []
            // The keys of GGUF files say nothing about it. All Whisper models have this context.
            target.id = TargetID(model: name, kind: .whisper)
            target.source = nil
            (target.contextLength, target.minContextLength) = (448, 448)
            (target.slots, target.minSlots) = (1, 1)
        }
        return .local(target)
    }
}

extension TargetDraft {
    fileprivate func servers(of name: ModelName, tier: Int, isSameModel: Bool) -> [TargetConfiguration] {
        guard let backend else {
            return []
        }
        return (servers ?? []).map { server in
            .remote(
                RemoteTargetConfiguration(
                    id: TargetID(model: name, kind: backend, server: server.url.authority), url: server.url.text,
                    model: model ?? name.rawValue, apiKey: server.apiKey ?? apiKey,
                    authorities: server.authorities ?? authorities, capacity: server.capacity ?? capacity, tier: tier,
                    isSameModel: isSameModel))
        }
    }
}
