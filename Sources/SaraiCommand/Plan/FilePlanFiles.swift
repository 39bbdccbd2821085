import Foundation
import SaraiCore
import SaraiHub
import SaraiMemory

/// The files of a model that is planned without being configured, or before it is here.
struct FilePlanFiles {
    /// The model's file.
    let model: FilePlanFile
    /// The multimodal projector's file.
    let projector: FilePlanFile?

    /// Reads the headers of the files that options name.
    ///
    /// - Parameters:
    ///   - options: which files.
    ///   - configuration: knows the hub, and the sources of its models.
    /// - Returns: `nil` if they name none: then the configuration is planned.
    /// - Throws: ``CommandFailure``, or what is wrong with the configuration.
    static func read(_ options: FilePlanOptions, _ configuration: ConfigurationOptions) async throws -> FilePlanFiles? {
        if let gguf = options.gguf {
            return try await FilePlanFiles(FilePlanFile.read(gguf), options)
        }
        guard let reference = options.reference else {
            return nil
        }
        guard !reference.hasSuffix(".gguf") || reference.contains("://") || ModelSource.isHub(reference) else {
            throw CommandFailure(
                .failed, "a file of this machine is planned with --gguf: sarai plan --gguf \(reference)")
        }
        let settings = try PullSettings(configuration)
        do {
            let request = try settings.request(reference)
            return try await ModelPuller.with(settings.hub) { puller in
                // What a configured model has is of its own; here all that the source has is looked at.
                let order = try await puller.order(request.source, to: .folder(settings.folder.path))
                for reason in order.reasons {
                    Console.note(reason)
                }
                let model = try await FilePlanFile.read(order.model, with: puller)
                guard options.mmproj == nil, let projector = order.projector else {
                    return try await FilePlanFiles(model, options)
                }
                return FilePlanFiles(model: model, projector: try await FilePlanFile.read(projector, with: puller))
            }
        } catch let error as HubError {
            throw CommandFailure(error)
        } catch let error as GGUFError {
            throw CommandFailure(.failed, "\(error.message).")
        }
    }

    private init(model: FilePlanFile, projector: FilePlanFile?) {
        self.model = model
        self.projector = projector
    }

    /// A model, and the projector that options name.
    private init(_ model: FilePlanFile, _ options: FilePlanOptions) async throws {
        self.model = model
        guard !model.header.isProjector else {
            throw CommandFailure(
                .failed, "\(model.source) is a multimodal projector: name the model's file, and this with --mmproj.")
        }
        guard let mmproj = options.mmproj else {
            projector = nil
            return
        }
        let file = try await FilePlanFile.read(mmproj)
        guard file.header.isProjector else {
            throw CommandFailure(.failed, "\(mmproj) is not a multimodal projector.")
        }
        projector = file
    }
}
