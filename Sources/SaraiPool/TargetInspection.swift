package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

/// Looks at a local target's files before anything is loaded from them.
package enum TargetInspection {
    /// What a target will need, from its files' headers; or which file is wrong, where, and how.
    package static func footprint(
        of target: LocalTargetConfiguration, headers: HeaderCache = HeaderCache()
    ) -> Result<Footprint, PoolError> {
        headers.header(of: target.gguf).flatMap { model in
            guard let mmproj = target.mmproj else {
                return .success(estimate(target, model: model, projector: nil))
            }
            return headers.header(of: mmproj).map { estimate(target, model: model, projector: $0) }
        }
    }

    private static func estimate(
        _ target: LocalTargetConfiguration, model: GGUFHeader, projector: GGUFHeader?
    ) -> Footprint {
        let settings = LoadSettings(
            contextLength: target.contextLength, slots: target.slots, isEmbedding: target.isEmbedding)
        return FootprintEstimator(model: model, projector: projector, settings: settings).estimate()
    }
}
