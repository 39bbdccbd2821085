package import SaraiConfiguration
package import SaraiCore
package import SaraiMemory
import SystemPackage

/// Looks at a local target's files before anything is loaded from them.
package enum TargetInspection {
    /// Reads and checks the header of a target's model file.
    package static func header(of target: LocalTargetConfiguration) -> Result<GGUFHeader, PoolError> {
        read(target.gguf)
    }

    /// What a target will need, from its files' headers; or which file is wrong, where, and how.
    package static func footprint(of target: LocalTargetConfiguration) -> Result<Footprint, PoolError> {
        read(target.gguf).flatMap { model in
            guard let mmproj = target.mmproj else {
                return .success(estimate(target, model: model, projector: nil))
            }
            return read(mmproj).map { estimate(target, model: model, projector: $0) }
        }
    }

    private static func estimate(
        _ target: LocalTargetConfiguration, model: GGUFHeader, projector: GGUFHeader?
    ) -> Footprint {
        let settings = LoadSettings(
            contextLength: target.contextLength, slots: target.slots, isEmbedding: target.isEmbedding)
        return FootprintEstimator(model: model, projector: projector, settings: settings).estimate()
    }

    private static func read(_ path: String) -> Result<GGUFHeader, PoolError> {
        do throws(GGUFError) {
            return .success(try GGUFHeader.read(FilePath(path)))
        } catch {
            return .failure(PoolError(.unavailable, error.message))
        }
    }
}
