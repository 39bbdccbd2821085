import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPool
import SystemPackage

/// The answer of `POST /api/show`.
struct OllamaModelDescription: Encodable {
    let modelfile: String
    let parameters: String
    let template: String
    let details: OllamaDetails
    let modelInfo: JSONValue
    let capabilities: [String]
    let modifiedAt: String
    /// The license that the file names.
    let license: String?

    /// Describes a model that is in the pool's configuration.
    ///
    /// - Parameters:
    ///   - name: the model.
    ///   - pool: the pool.
    ///   - isVerbose: whether the file's long lists are told too: its vocabulary.
    init(_ name: ModelName, of pool: ModelPool, isVerbose: Bool) {
        let configuration = pool.configuration.models.first { $0.name == name }
        let files = configuration.map { ModelFiles($0, headers: pool.headers) }
        let local = configuration?.localTarget
        modelfile = "# \(name): targets " + (configuration?.targets.map { "\($0.id)" } ?? []).joined(separator: ", ")
        // The plan may have given it less context than the configuration wants.
        let planned = pool.snapshot().models.first { $0.name == name.rawValue }?.contextLength
        parameters = local.map { "num_ctx \(planned ?? $0.contextLength)" } ?? ""
        template = Self.template(local, files)
        details = OllamaDetails(files?.header)
        let whole = isVerbose ? local?.gguf.flatMap { try? GGUFHeader.read(FilePath($0), limits: .everything) } : nil
        modelInfo = .object((whole ?? files?.header)?.modelInfo ?? [:])
        modifiedAt = OllamaTime.text(files?.modified ?? .distantPast)
        capabilities = Self.capabilities(configuration, files: files, template: template)
        license = files?.header?.metadata["general.license"]?.stringValue
    }

    /// The chat template that is used: the configuration's, or the file's own.
    private static func template(_ local: LocalTargetConfiguration?, _ files: ModelFiles?) -> String {
        let configured = local?.chatTemplate.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return configured ?? files?.header?.chatTemplate ?? ""
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
        license = nil
        capabilities = ["completion"] + (configuration?.input == .text ? [] : ["vision", "audio"])
    }

    private static func capabilities(
        _ configuration: ModelConfiguration?, files: ModelFiles?, template: String
    ) -> [String] {
        switch configuration?.role {
        case .embedding: return ["embedding"]
        case .reranker: return ["rerank"]
        case .speech: return ["transcription"]
        default: break
        }
        var capabilities = ["completion"]
        if files?.projector?.hasVision == true {
            capabilities.append("vision")
        }
        if files?.projector?.hasAudio == true {
            capabilities.append("audio")
        }
        if template.contains("tools") {
            capabilities.append("tools")
        }
        if template.contains("enable_thinking") || template.contains("<think>") {
            capabilities.append("thinking")
        }
        if files?.header?.metadata["tokenizer.ggml.fim_pre_token_id"] != nil {
            capabilities.append("insert")
        }
        return capabilities
    }

    private enum CodingKeys: String, CodingKey {
        case modelfile, parameters, template, details, capabilities, license
        case modelInfo = "model_info"
        case modifiedAt = "modified_at"
    }
}

extension GGUFLimits {
    /// For those who want to see everything: vocabularies too.
    fileprivate static var everything: GGUFLimits {
        var limits = GGUFLimits()
        limits.decodedArrayElements = 1 << 20
        limits.decodedElements = 4 << 20
        return limits
    }
}
