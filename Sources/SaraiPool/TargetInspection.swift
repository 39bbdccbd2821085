package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory

/// Looks at a local target's files before anything is loaded from them.
package enum TargetInspection {
    /// The headers of a target's files.
    package struct Headers: Sendable {
        /// The model's.
        package let model: GGUFHeader
        /// Its multimodal projector's.
        package let projector: GGUFHeader?

        /// What the target takes, as far as it is known: never less than it was seen to take.
        ///
        /// - Parameters:
        ///   - settings: how it is loaded.
        ///   - known: what is known of it, loaded so.
        ///   - process: what is known of the engine's process with these files. The same for all settings: a step from
        ///     settings that the engine was asked about to others would else seem to save what is only better known.
        /// - Returns: the memory by kind.
        func footprint(_ settings: LoadSettings, known: FootprintStore.Entry?, process: MemorySize?) -> Footprint {
            FootprintEstimator(model: model, projector: projector, settings: settings)
                .estimate(buffers: known?.buffers, process: process).atLeast(known?.peak)
        }

        /// What the target takes, as far as headers tell.
        package func estimate(_ settings: LoadSettings) -> Footprint {
            FootprintEstimator(model: model, projector: projector, settings: settings).estimate()
        }
    }

    /// The headers of a target's files; or which file is wrong, where, and how.
    package static func headers(
        of target: LocalTargetConfiguration, in cache: HeaderCache
    ) -> Result<Headers, PoolError> {
        cache.header(of: target.gguf).flatMap { model in
            guard let mmproj = target.mmproj else {
                return .success(Headers(model: model, projector: nil))
            }
            return cache.header(of: mmproj).map { Headers(model: model, projector: $0) }
        }
    }

    /// What a target will need, from its files' headers; or which file is wrong, where, and how.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - settings: how it is loaded; as the configuration wants it, if not given.
    ///   - headers: the headers that were read already.
    /// - Returns: the estimate of the headers alone.
    package static func footprint(
        of target: LocalTargetConfiguration, settings: LoadSettings? = nil, headers: HeaderCache = HeaderCache()
    ) -> Result<Footprint, PoolError> {
        Self.headers(of: target, in: headers).map { $0.estimate(settings ?? target.wantedSettings) }
    }
}
