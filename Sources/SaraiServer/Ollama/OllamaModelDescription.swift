import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool

/// The answer of `POST /api/show`.
struct OllamaModelDescription: Encodable {
    let modelfile: String
    let parameters: String
    let template: String
    let details: OllamaDetails
    let modelInfo: JSONValue
    let capabilities: [String]
    let modifiedAt: String

    /// Describes a model that is in the pool's configuration.
    init(_ name: ModelName, of pool: ModelPool) {
        let configuration = pool.configuration.models.first { $0.name == name }
        let files = configuration.map { ModelFiles($0, headers: pool.headers) }
        let local = configuration?.localTarget
        modelfile = "# \(name): targets " + (configuration?.targets.map { "\($0.id)" } ?? []).joined(separator: ", ")
        parameters = local.map { "num_ctx \($0.contextLength)" } ?? ""
        template = files?.header?.chatTemplate ?? ""
        details = OllamaDetails(files?.header)
        modelInfo = .object(files?.header?.modelInfo ?? [:])
        modifiedAt = OllamaTime.text(files?.modified ?? .distantPast)
        capabilities = Self.capabilities(configuration, files: files)
    }

    /// Describes a pipeline.
    init(pipeline name: ModelName, _ configuration: PipelineConfiguration?) {
        let steps = configuration?.steps.map(\.name).joined(separator: ", ") ?? "chosen by the router"
        modelfile = "# \(name): steps \(steps)"
        parameters = ""
        template = ""
        details = OllamaDetails(nil)
        modelInfo = .object([:])
        modifiedAt = OllamaTime.text(.distantPast)
        capabilities = ["completion"] + (configuration?.input == .text ? [] : ["vision", "audio"])
    }

    private static func capabilities(_ configuration: ModelConfiguration?, files: ModelFiles?) -> [String] {
        switch configuration?.role {
        case .embedding: return ["embedding"]
        case .reranker: return ["rerank"]
        default: break
        }
        var capabilities = ["completion"]
        if files?.projector?.hasVision == true {
            capabilities.append("vision")
        }
        if files?.projector?.hasAudio == true {
            capabilities.append("audio")
        }
        if files?.header?.chatTemplate?.contains("tools") == true {
            capabilities.append("tools")
        }
        return capabilities
    }

    private enum CodingKeys: String, CodingKey {
        case modelfile, parameters, template, details, capabilities
        case modelInfo = "model_info"
        case modifiedAt = "modified_at"
    }
}
