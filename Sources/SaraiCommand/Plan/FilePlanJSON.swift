import SaraiBackends
import SaraiCore
import SaraiMemory

/// A file's plan for programs. Sizes are in bytes.
struct FilePlanJSON: Encodable {
    let name: String?
    let architecture: String?
    let quantization: String
    let parameters: Int
    /// Tokens of context that the model was trained for.
    let trainedContextLength: Int?
    let files: [File]
    /// As Sarai loads it.
    let sarai: Way
    /// As the engine loads it unless told otherwise.
    let engineDefault: Way
    let machineBytes: Int?
    let availableBytes: Int?
    /// Whether this machine has the memory for it as Sarai loads it; missing where that is not known.
    let fits: Bool?

    /// A file, and what it took to read its header.
    struct File: Encodable {
        let source: String
        let sizeBytes: Int
        /// Bytes on this machine.
        let presentBytes: Int?
        /// HTTP requests.
        let requests: Int?
        /// Bytes that were received for the header.
        let receivedBytes: Int?
    }

    /// A way to load it, and what it takes.
    struct Way: Encodable {
        let settings: LoadSettings
        let predictedBytes: Int
        let bytes: Footprint
    }

    /// The plan's figures.
    init(_ plan: FilePlan) {
        let header = plan.model.header
        name = header.name
        architecture = header.architecture
        quantization = header.quantization
        parameters = header.parameterCount
        trainedContextLength = header.contextLength
        files = plan.files.map(File.init)
        sarai = Way(plan.sarai)
        engineDefault = Way(plan.engine)
        machineBytes = plan.machine?.usable.bytes
        availableBytes = plan.machine?.available.bytes
        fits = plan.fits
    }
}

extension FilePlanJSON.File {
    init(_ file: FilePlanFile) {
        source = file.source
        sizeBytes = file.size
        switch file.origin {
        case .disk(let present): (presentBytes, requests, receivedBytes) = (present, nil, nil)
        case .server(let traffic): (presentBytes, requests, receivedBytes) = (nil, traffic.requests, traffic.bytes)
        }
    }
}

extension FilePlanJSON.Way {
    init(_ way: FilePlan.Way) {
        self.init(settings: way.settings, predictedBytes: way.footprint.resident.bytes, bytes: way.footprint)
    }
}
