import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines
import SaraiPool

/// A model in `GET /api/tags`.
struct OllamaModel: Encodable {
    let name: String
    let model: String
    let modifiedAt: String
    /// Bytes of the files on this machine.
    let size: Int
    let digest: String
    let details: OllamaDetails
    /// Of a model that is preferred on a server: its name there.
    let remoteModel: String?
    /// Of a model that is preferred on a server: the server.
    let remoteHost: String?

    /// All models of the pool, then the pipelines.
    static func list(of pipelines: Pipelines) -> [OllamaModel] {
        let pool = pipelines.pool
        let models = Dictionary(pool.configuration.models.map { ($0.name, $0) }) { first, _ in first }
        return pipelines.names.map { name in
            models[name].map { OllamaModel($0, files: ModelFiles($0, headers: pool.headers)) }
                ?? OllamaModel(pipeline: name)
        }
    }

    /// A pipeline has no file of its own.
    private init(pipeline: ModelName) {
        name = pipeline.tagged
        model = name
        modifiedAt = OllamaTime.text(.distantPast)
        size = 0
        digest = ModelFiles.fingerprint(pipeline.rawValue)
        details = OllamaDetails(nil)
        remoteModel = nil
        remoteHost = nil
    }

    private init(_ configuration: ModelConfiguration, files: ModelFiles) {
        name = configuration.name.tagged
        model = name
        modifiedAt = OllamaTime.text(files.modified)
        size = files.size
        digest = files.identity
        details = OllamaDetails(files.header)
        guard case .remote(let remote) = configuration.targets[0] else {
            remoteModel = nil
            remoteHost = nil
            return
        }
        remoteModel = remote.model
        remoteHost = remote.url
    }

    private enum CodingKeys: String, CodingKey {
        case name, model, size, digest, details
        case modifiedAt = "modified_at"
        case remoteModel = "remote_model"
        case remoteHost = "remote_host"
    }
}

/// What kind of model it is.
struct OllamaDetails: Encodable {
    let parentModel = ""
    let format: String
    let family: String
    let families: [String]
    let parameterSize: String
    let quantizationLevel: String

    init(_ header: GGUFHeader?) {
        format = header == nil ? "" : "gguf"
        family = header?.architecture ?? ""
        families = header?.architecture.map { [$0] } ?? []
        parameterSize = header?.parameterLabel ?? ""
        quantizationLevel = header?.quantization ?? ""
    }

    private enum CodingKeys: String, CodingKey {
        case format, family, families
        case parentModel = "parent_model"
        case parameterSize = "parameter_size"
        case quantizationLevel = "quantization_level"
    }
}

/// A model in `GET /api/ps`: one whose worker is loaded.
struct OllamaRunningModel: Encodable {
    let name: String
    let model: String
    /// Bytes that the worker takes, measured.
    let size: Int
    let digest: String
    let details: OllamaDetails
    let expiresAt: String
    /// Bytes on a graphics card: none, Sarai's workers run on the processor.
    let sizeVRAM = 0
    let contextLength: Int

    /// The loaded models of the pool.
    static func list(of pool: ModelPool) -> [OllamaRunningModel] {
        let running = pool.snapshot().models.filter { $0.pid != nil }
        return pool.configuration.models.compactMap { configuration in
            guard let state = running.first(where: { $0.name == configuration.name.rawValue }),
                let local = configuration.localTarget
            else {
                return nil
            }
            return OllamaRunningModel(
                configuration, files: ModelFiles(configuration, headers: pool.headers), local: local, state: state)
        }
    }

    private init(
        _ configuration: ModelConfiguration, files: ModelFiles, local: LocalTargetConfiguration,
        state: PoolSnapshot.Model
    ) {
        name = configuration.name.tagged
        model = name
        size = state.measuredBytes
        digest = files.identity
        details = OllamaDetails(files.header)
        contextLength = state.contextLength ?? local.contextLength
        // A far day is how the dialect says "for ever".
        let expiry =
            state.expiresIn.map { Date(timeIntervalSinceNow: $0) } ?? Date(timeIntervalSince1970: 10_995_116_277)
        expiresAt = OllamaTime.text(expiry)
    }

    private enum CodingKeys: String, CodingKey {
        case name, model, size, digest, details
        case expiresAt = "expires_at"
        case sizeVRAM = "size_vram"
        case contextLength = "context_length"
    }
}
