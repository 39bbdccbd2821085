import SaraiCore

extension ModelDraft {
    /// The targets in order of preference, whichever form the file has: each is a tier.
    var tiers: [TargetDraft] {
        if let targets {
            return targets.map(\.draft)
        }
        guard fallback == .local, !preferred.isLocal else {
            return [preferred]
        }
        let twin = TargetDraft(backend: .gguf, isSameModel: preferred.isSameModel)
        return prefersHTTP ? [preferred, twin] : [twin, preferred]
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
            return target.isLocal
                ? localTarget(of: name, tier: tier, isSameModel: isSameModel)
                : target.servers(of: name, tier: tier, isSameModel: isSameModel)
        }
    }

    private func localTarget(of name: ModelName, tier: Int, isSameModel: Bool) -> [TargetConfiguration] {
        guard let gguf else {
            return []
        }
        return [
            .local(
                LocalTargetConfiguration(
                    id: TargetID(model: name, kind: .gguf), gguf: gguf, mmproj: mmproj,
                    contextLength: contextLength ?? 4096, minContextLength: minContextLength ?? 4096,
                    slots: slots ?? 1, minSlots: minSlots ?? 1, loadMode: loadMode, kvTypes: kvTypes,
                    microBatch: microBatch, threads: threads, isEmbedding: role == .embedding, tier: tier,
                    isSameModel: isSameModel))
        ]
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
                    model: model ?? name.rawValue, apiKey: apiKey, capacity: server.capacity ?? capacity, tier: tier,
                    isSameModel: isSameModel))
        }
    }
}
