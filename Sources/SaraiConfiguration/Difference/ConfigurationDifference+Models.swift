import SaraiCore

extension ConfigurationDifference.ChangedModel {
    /// What differs between two configurations of one model; `nil` if nothing does.
    init?(from old: ModelConfiguration, to new: ModelConfiguration) {
        let differing = ModelComparison.all.filter { $0.differs(old, new) }
        guard !differing.isEmpty else {
            return nil
        }
        let isStartedOtherwise =
            new.local == nil || old.local?.isEmbedding != new.local?.isEmbedding
            || old.local?.isReranker != new.local?.isReranker
            || differing.contains(where: \.concernsWorker)
        self.init(
            model: new.name, keys: differing.map(\.key), restartsWorker: old.local != nil && isStartedOtherwise)
    }
}

/// One key of a model, and whether two configurations differ in it.
private struct ModelComparison: Sendable {
    let key: String
    /// Whether a worker is started with the value, or with what the plan makes of it.
    var concernsWorker = false
    let differs: @Sendable (ModelConfiguration, ModelConfiguration) -> Bool

    /// All keys, in the order of the reference page.
    static let all: [ModelComparison] = [
        own("role", \.role),
        .init(key: "backend") { Set($0.targets.map(\.id.kind)) != Set($1.targets.map(\.id.kind)) },
        remote("model", \.model),
        .init(key: "servers") { $0.remotes.mapValues(\.url) != $1.remotes.mapValues(\.url) },
        remote("api_key", \.apiKey),
        remote("ca_file", \.authorities),
        remote("capacity", \.capacity),
        .init(key: "same_model") { old, new in
            old.targets.contains { target in
                new.targets.contains { $0.id == target.id && $0.isSameModel != target.isSameModel }
            }
        },
        .init(key: "targets") { $0.preference(amongThoseOf: $1) != $1.preference(amongThoseOf: $0) },
        worker("gguf", \.gguf),
        worker("mmproj", \.mmproj),
        worker("chat_template", \.chatTemplate),
        .init(key: "source") { old, new in
            guard let before = old.local, let after = new.local else {
                return false
            }
            return before.source != after.source
        },
        worker("whisper", \.whisper),
        worker("context_length", \.contextLength),
        worker("min_context_length", \.minContextLength),
        worker("slots", \.slots),
        worker("min_slots", \.minSlots),
        worker("load_mode", \.loadMode),
        worker("kv_types", \.kvTypes),
        worker("micro_batch", \.microBatch),
        worker("threads", \.threads),
        worker("rpc", \.rpc),
        own("resident", \.isResident),
        // What is resident is pinned too, without that its key says so.
        .init(key: "pinned") { $0.isPinned != $1.isPinned && $0.isResident == $1.isResident },
        own("on_full", \.onFull),
        own("keep_alive", \.keepAlive),
        own("best_effort", \.isBestEffort),
        own("matryoshka", \.isMatryoshka),
    ]

    /// A value of the model itself.
    private static func own<Value: Equatable & SendableMetatype>(
        _ key: String, _ property: any KeyPath<ModelConfiguration, Value> & Sendable
    ) -> ModelComparison {
        .init(key: key) { $0[keyPath: property] != $1[keyPath: property] }
    }

    /// A value of each server that both configurations have.
    private static func remote<Value: Equatable & SendableMetatype>(
        _ key: String, _ property: any KeyPath<RemoteTargetConfiguration, Value> & Sendable
    ) -> ModelComparison {
        .init(key: key) { old, new in
            let before = old.remotes
            return new.remotes.contains { id, target in
                before[id].map { $0[keyPath: property] != target[keyPath: property] } ?? false
            }
        }
    }

    /// A value of the file, if both configurations have one.
    private static func worker<Value: Equatable & SendableMetatype>(
        _ key: String, _ property: any KeyPath<LocalTargetConfiguration, Value> & Sendable
    ) -> ModelComparison {
        .init(key: key, concernsWorker: true) { old, new in
            guard let before = old.local, let after = new.local else {
                return false
            }
            return before[keyPath: property] != after[keyPath: property]
        }
    }
}

extension ModelConfiguration {
    fileprivate var remotes: [TargetID: RemoteTargetConfiguration] {
        let remotes = targets.compactMap { if case .remote(let target) = $0 { target } else { nil } }
        return Dictionary(remotes.map { ($0.id, $0) }) { first, _ in first }
    }

    fileprivate var local: LocalTargetConfiguration? {
        targets.lazy.compactMap { if case .local(let target) = $0 { target } else { nil } }.first
    }

    /// The targets that `other` has too, tier by tier.
    fileprivate func preference(amongThoseOf other: ModelConfiguration) -> [[TargetID]] {
        let common = Set(other.targets.map(\.id))
        let tiers = Dictionary(grouping: targets.filter { common.contains($0.id) }, by: \.tier)
        return tiers.sorted { $0.key < $1.key }.map { $0.value.map(\.id) }
    }
}
