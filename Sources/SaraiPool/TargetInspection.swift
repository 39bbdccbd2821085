package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory
import SystemPackage

/// Looks at a local target's files before anything is loaded from them.
package enum TargetInspection {
    /// What a target's files tell.
    package enum Files: Sendable {
        /// The headers of a GGUF file and of its multimodal projector.
        case gguf(GGUFHeader, projector: GGUFHeader?)
        /// A Whisper model.
        case whisper(WhisperModel)

        /// What the target takes, as far as it is known: never less than it was seen to take.
        ///
        /// - Parameters:
        ///   - settings: how it is loaded.
        ///   - known: what is known of it, loaded so.
        ///   - process: what is known of the engine's process with these files. The same for all settings: a step from
        ///     settings that the engine was asked about to others would else seem to save what is only better known.
        /// - Returns: the memory by kind.
        func footprint(_ settings: LoadSettings, known: FootprintStore.Entry?, process: MemorySize?) -> Footprint {
            let footprint =
                switch self {
                case .gguf(let model, let projector):
                    FootprintEstimator(model: model, projector: projector, settings: settings)
                        .estimate(buffers: known?.buffers, process: process)
                case .whisper(let model): model.footprint
                }
            return footprint.atLeast(known?.peak)
        }

        /// What the target takes, as far as its files tell.
        package func estimate(_ settings: LoadSettings) -> Footprint {
            footprint(settings, known: nil, process: nil)
        }
    }

    /// What a target's files tell; or which file is wrong, where, and how.
    package static func files(of target: LocalTargetConfiguration, in cache: HeaderCache) -> Result<Files, PoolError> {
        switch target.model {
        case .gguf(let path, let mmproj):
            return header(of: path, target, in: cache).flatMap { model in
                guard let mmproj else {
                    return .success(.gguf(model, projector: nil))
                }
                return header(of: mmproj, target, in: cache).map { .gguf(model, projector: $0) }
            }
        case .whisper(let folder):
            do throws(WhisperModelError) {
                return .success(.whisper(try WhisperModel.read(FilePath(folder))))
            } catch {
                return .failure(PoolError(.unavailable, error.message))
            }
        }
    }

    /// The header of one of a target's files; or what is wrong with it, and how it is fetched if it is not there.
    private static func header(
        of path: String, _ target: LocalTargetConfiguration, in cache: HeaderCache
    ) -> Result<GGUFHeader, PoolError> {
        cache.header(of: path).mapError { error in
            guard let advice = target.pullAdvice, !ConfigurationLoader.isFile(path) else {
                return error
            }
            return PoolError(error.code, "\(error.message); \(advice)")
        }
    }

    /// What a target will need, from its files; or which file is wrong, where, and how.
    ///
    /// - Parameters:
    ///   - target: the target.
    ///   - settings: how it is loaded; as the configuration wants it, if not given.
    ///   - headers: the headers that were read already.
    /// - Returns: the estimate of the files alone.
    package static func footprint(
        of target: LocalTargetConfiguration, settings: LoadSettings? = nil, headers: HeaderCache = HeaderCache()
    ) -> Result<Footprint, PoolError> {
        files(of: target, in: headers).map { $0.estimate(settings ?? target.wantedSettings) }
    }
}
