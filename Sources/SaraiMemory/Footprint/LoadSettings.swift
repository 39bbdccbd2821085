/// Everything about loading a model that decides how much memory it takes.
///
/// What is predicted holds only if the worker is started with these same settings.
package struct LoadSettings: Hashable, Sendable, Codable {
    /// How the weights come into memory.
    package enum LoadMode: String, Sendable, Codable {
        /// Mapped from the file and used as they are (`--load-mode mmap --no-repack`).
        case mapped
        /// Read into private memory, in the layout that is fastest for the processor (`--load-mode none --repack`).
        case repacked
        /// Mapped, and copied into the processor's layout besides: what the engine does unless told otherwise. It holds
        /// most weights twice, so Sarai never starts a worker so; a plan shows what it would take.
        case engineDefault = "engine_default"
    }

    /// How the numbers of keys and values are stored.
    package enum CacheType: String, Sendable, Codable {
        case f16
        case q8 = "q8_0"
        case q4 = "q4_0"

        /// The type as tensors have it.
        package var tensorType: GGMLType {
            switch self {
            case .f16: .f16
            case .q8: .q8_0
            case .q4: .q4_0
            }
        }
    }

    /// Tokens of context per slot.
    package var contextLength: Int
    /// Requests at the same time.
    package var slots: Int
    /// Whether the worker serves embeddings (`--embeddings`) rather than text.
    package var isEmbedding: Bool
    /// Whether the worker turns speech into text (faster-whisper). Then only ``slots`` counts: the rest is part of the model.
    package var isSpeech = false
    /// Tokens that the engine evaluates in one step (`--batch-size` and `--ubatch-size`).
    package var microBatch: Int
    /// How the weights come into memory.
    package var loadMode: LoadMode
    /// How keys and values are stored.
    package var cacheType: CacheType
    /// Tokens that one image may become (`--image-max-tokens`): a projector's memory grows with their square.
    package var imageTokens: Int
    /// What the worker may keep of earlier prompts (`--cache-ram`), in MiB.
    package var promptCacheMebibytes: Int

    /// Settings as Sarai starts its workers, unless told otherwise.
    ///
    /// - Parameters:
    ///   - contextLength: tokens of context per slot.
    ///   - slots: requests at the same time.
    ///   - isEmbedding: whether the worker serves embeddings rather than text.
    ///   - microBatch: tokens per step; by default 512, or the whole context of an embedding, which must fit in one step.
    ///   - loadMode: how the weights come into memory.
    ///   - cacheType: how keys and values are stored.
    ///   - imageTokens: tokens that one image may become.
    ///   - promptCacheMebibytes: what may be kept of earlier prompts.
    package init(
        contextLength: Int, slots: Int = 1, isEmbedding: Bool = false, microBatch: Int? = nil,
        loadMode: LoadMode = .mapped, cacheType: CacheType = .f16, imageTokens: Int = usualImageTokens,
        promptCacheMebibytes: Int = 0
    ) {
        self.contextLength = contextLength
        self.slots = slots
        self.isEmbedding = isEmbedding
        self.microBatch = microBatch ?? (isEmbedding ? max(512, contextLength) : 512)
        self.loadMode = loadMode
        self.cacheType = cacheType
        self.imageTokens = imageTokens
        self.promptCacheMebibytes = promptCacheMebibytes
    }
}

extension LoadSettings: CustomStringConvertible {
    /// All settings in short, such as `ctx 2048 × 1, kv f16, ub 512, mapped`; different settings read differently.
    package var description: String {
        guard !isSpeech else {
            return "speech, int8"
        }
        var parts = [
            "ctx \(contextLength) × \(slots)", "kv \(cacheType.rawValue)", "ub \(microBatch)", loadMode.rawValue,
        ]
        if isEmbedding {
            parts.append("embeddings")
        }
        if imageTokens != Self.usualImageTokens {
            parts.append("image \(imageTokens)")
        }
        if promptCacheMebibytes != 0 {
            parts.append("prompt cache \(promptCacheMebibytes) MiB")
        }
        return parts.joined(separator: ", ")
    }

    /// How a speech model is loaded: there is one way, with weights of 8 bits and one sound at a time.
    package static var speech: LoadSettings {
        var settings = LoadSettings(contextLength: 0, microBatch: 0)
        settings.isSpeech = true
        return settings
    }

    /// What one image may become unless told otherwise: a picture of about a megapixel.
    package static let usualImageTokens = 1024
}
