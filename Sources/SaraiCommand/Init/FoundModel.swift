import SaraiCore
import SaraiMemory
import SystemPackage

/// A GGUF file of the folder, as far as its header tells what it is for.
struct FoundModel: Hashable {
    /// What the file is for.
    enum Kind: Hashable {
        /// It writes.
        case language
        /// It makes vectors.
        case embedding
        /// It judges pairs of texts.
        case reranker
        /// It lets a language model see and hear.
        case projector(hasAudio: Bool)
    }

    /// Absolute path; of a model that is split into several files, the first one's.
    let path: String
    let kind: Kind
    /// What its name says.
    let name: FileName
    /// What the header calls it, for people, in one line.
    let title: String?
    let architecture: String?
    let parameters: Int
    /// The number of weights as people write it: `10.7B`.
    let parameterLabel: String
    let quantization: String
    /// Numbers per token between the layers; of a projector, what it makes. A projector fits models with the same number.
    let width: Int?
    /// Tokens of context that it was trained for.
    let trainedContext: Int?
    /// Bytes of its tensors.
    let size: MemorySize

    /// Reads a file's header.
    ///
    /// - Throws: what is wrong with the file.
    init(path: String) throws(GGUFError) {
        let header = try GGUFHeader.read(FilePath(path))
        self.path = path
        name = FileName(path)
        title = header.name.map(Self.line)
        architecture = header.architecture
        parameters = header.parameterCount
        parameterLabel = header.parameterLabel
        quantization = header.quantization
        trainedContext = header.contextLength
        size = MemorySize(bytes: header.tensors.reduce(0) { $0 &+ $1.byteCount })
        if header.isProjector {
            kind = .projector(hasAudio: header.hasAudio)
            width = header.vision("projection_dim") ?? header.audio("projection_dim")
        } else {
            width = header.embeddingLength
            kind = header.poolingType == .rank ? .reranker : header.isEmbeddingModel ? .embedding : .language
        }
    }

    /// A text of a file that may be anyone's, fit for a comment: one line, not too long, without control characters.
    private static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String(String.UnicodeScalarView(scalars)).prefix(80))
    }

    /// Whether it lets another model see and hear.
    var isProjector: Bool {
        if case .projector = kind { true } else { false }
    }

    /// Whether it is another quantisation of the same model.
    func isVariant(of other: FoundModel) -> Bool {
        !isProjector && kind == other.kind && architecture == other.architecture && name.family == other.name.family
            && parameters == other.parameters && width == other.width
    }
}
