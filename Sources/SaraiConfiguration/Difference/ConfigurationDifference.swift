package import SaraiCore

/// What one configuration has that another has not: what a reload must do, and what it would do.
///
/// Names keys and models, never values, so no secret can show.
package struct ConfigurationDifference: Hashable, Sendable {
    /// A model that both configurations have, with other values.
    package struct ChangedModel: Hashable, Sendable {
        /// The model.
        package let model: ModelName
        /// The keys whose values differ, as the file or an entry of `targets` names them; `targets` stands for the order of
        /// preference.
        package let keys: [String]
        /// Whether the worker that runs the model's file cannot go on as it is: what it was started with has changed, or
        /// there is no local target any more.
        package let restartsWorker: Bool
    }

    /// Models that only the new configuration has, in its order.
    package let added: [ModelName]
    /// Models that only the old configuration has, in its order.
    package let removed: [ModelName]
    /// Models that both have and that differ, in the order of the new configuration.
    package let changed: [ChangedModel]
    /// Whether the models that both have come in another order.
    package let isReordered: Bool
    /// The keys outside of `models` whose values differ: `timeouts.stall`; of a pipeline its name, `pipelines.tone`.
    package let settings: [String]
    /// Those of ``settings`` that a running daemon takes over only when it is started again.
    package let needsRestart: [String]

    /// Compares two configurations.
    ///
    /// - Parameters:
    ///   - old: what is in effect.
    ///   - new: what shall be.
    package init(from old: Configuration, to new: Configuration) {
        let before = Dictionary(old.models.map { ($0.name, $0) }) { first, _ in first }
        let after = Set(new.models.map(\.name))
        added = new.models.map(\.name).filter { before[$0] == nil }
        removed = old.models.map(\.name).filter { !after.contains($0) }
        changed = new.models.compactMap { model in
            before[model.name].flatMap { ChangedModel(from: $0, to: model) }
        }
        isReordered =
            old.models.map(\.name).filter(after.contains) != new.models.map(\.name).filter { before[$0] != nil }
        let settings =
            ConfigurationSchema.memory.changes(from: old.memory, to: new.memory)
            + ConfigurationSchema.server.changes(from: old.server, to: new.server)
            + ConfigurationSchema.timeouts.changes(from: old.timeouts, to: new.timeouts)
            + ConfigurationSchema.failover.changes(from: old.failover, to: new.failover)
            + ConfigurationSchema.engine.changes(from: old.engine, to: new.engine)
            + ConfigurationSchema.log.changes(from: old.log, to: new.log)
            + ConfigurationSchema.router.changes(from: old.router, to: new.router)
            + ConfigurationSchema.search.changes(from: old.search, to: new.search)
            + ConfigurationSchema.hub.changes(from: old.hub, to: new.hub)
            + Self.pipelineChanges(from: old.pipelines, to: new.pipelines)
        self.settings = settings.map(\.keyPath)
        needsRestart = settings.filter { $0.effect == .onRestart }.map(\.keyPath)
    }

    /// The pipelines that came, went or changed: first those of the new configuration, in its order.
    private static func pipelineChanges(
        from old: [PipelineConfiguration], to new: [PipelineConfiguration]
    ) -> [(keyPath: String, effect: Effect)] {
        let changed = new.filter { !old.contains($0) }.map(\.name)
        let removed = old.map(\.name).filter { name in !new.contains { $0.name == name } }
        return (changed + removed).map { ("\(ConfigurationSchema.pipelines.name).\($0)", .onReload) }
    }

    /// Whether both configurations are the same.
    package var isEmpty: Bool {
        added.isEmpty && removed.isEmpty && changed.isEmpty && settings.isEmpty && !isReordered
    }
}

extension Section {
    /// The keys whose values differ, and when a new value takes effect.
    fileprivate func changes(from old: Draft, to new: Draft) -> [(keyPath: String, effect: Effect)] {
        keys.filter { $0.differs(old, new) }.map { ("\(name).\($0.name)", $0.effect) }
    }
}

extension ConfigurationDifference: Codable {
    private enum CodingKeys: String, CodingKey {
        case added, removed, changed, settings
        case isReordered = "reordered"
        case needsRestart = "needs_restart"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        added = try container.decode([CodedName].self, forKey: .added).map(\.name)
        removed = try container.decode([CodedName].self, forKey: .removed).map(\.name)
        changed = try container.decode([ChangedModel].self, forKey: .changed)
        isReordered = try container.decode(Bool.self, forKey: .isReordered)
        settings = try container.decode([String].self, forKey: .settings)
        needsRestart = try container.decode([String].self, forKey: .needsRestart)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(added.map(CodedName.init), forKey: .added)
        try container.encode(removed.map(CodedName.init), forKey: .removed)
        try container.encode(changed, forKey: .changed)
        try container.encode(isReordered, forKey: .isReordered)
        try container.encode(settings, forKey: .settings)
        try container.encode(needsRestart, forKey: .needsRestart)
    }
}

extension ConfigurationDifference.ChangedModel: Codable {
    private enum CodingKeys: String, CodingKey {
        case model, keys
        case restartsWorker = "restarts_worker"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        model = try container.decode(CodedName.self, forKey: .model).name
        keys = try container.decode([String].self, forKey: .keys)
        restartsWorker = try container.decode(Bool.self, forKey: .restartsWorker)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(CodedName(model), forKey: .model)
        try container.encode(keys, forKey: .keys)
        try container.encode(restartsWorker, forKey: .restartsWorker)
    }
}

/// A model's name in JSON.
private struct CodedName: Codable {
    let name: ModelName

    init(_ name: ModelName) {
        self.name = name
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let name = ModelName(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a model's name")
        }
        self.name = name
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name.rawValue)
    }
}
