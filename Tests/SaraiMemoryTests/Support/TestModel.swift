@testable import SaraiMemory

/// A real model as far as its memory goes: hyper-parameters, the length of the vocabulary, bytes of weights.
struct TestModel: Sendable, CustomStringConvertible {
    let description: String
    var architecture = "llama"
    /// Integers of the architecture.
    var numbers: [String: Int64]
    /// Integers per layer.
    var layers: [String: [Int32]] = [:]
    var tokenizer = "gpt2"
    var tokens = 0
    var merges = 0
    /// Bytes of weights; a multiple of 4.
    let weights: Int
    /// Whole keys, with booleans.
    var flags: [String: Bool] = [:]

    /// A header that says all this.
    func header() throws -> GGUFHeader {
        var builder = GGUFBuilder()
        builder.add("general.architecture", architecture)
        builder.add("tokenizer.ggml.model", tokenizer)
        for (key, value) in numbers {
            builder.addKey("\(architecture).\(key)", type: 11, value: value.littleEndianBytes)
        }
        for (key, values) in layers {
            builder.addArray("\(architecture).\(key)", values)
        }
        for (key, value) in flags {
            builder.add(key, value)
        }
        if tokens > 0 {
            builder.addTokens(tokens)
        }
        if merges > 0 {
            builder.addTokens(merges, key: "tokenizer.ggml.merges")
        }
        builder.addTensor("output.weight", [weights / 4], .f32)
        return try GGUFHeader(parsing: builder.header(), source: description, fileSize: nil)
    }

    static let smol = TestModel(
        description: "SmolLM2-135M",
        numbers: [
            "block_count": 30, "embedding_length": 576, "feed_forward_length": 1536, "attention.head_count": 9,
            "attention.head_count_kv": 3,
        ],
        tokens: 49_152, merges: 48_900, weights: 96_576_768)

    static let gemma = TestModel(
        description: "gemma-3-270m", architecture: "gemma3",
        numbers: [
            "block_count": 18, "embedding_length": 640, "feed_forward_length": 2048, "attention.head_count": 4,
            "attention.head_count_kv": 1, "attention.key_length": 256, "attention.value_length": 256,
            "attention.sliding_window": 512,
        ],
        tokenizer: "llama", tokens: 262_144, weights: 246_587_904)

    static let e5 = TestModel(
        description: "multilingual-e5-small", architecture: "bert",
        numbers: [
            "block_count": 12, "embedding_length": 384, "feed_forward_length": 1536, "attention.head_count": 12,
        ],
        tokenizer: "t5", tokens: 250_037, weights: 66_984_132)

    static let embeddingGemma = TestModel(
        description: "EmbeddingGemma-300M", architecture: "gemma-embedding",
        numbers: [
            "block_count": 24, "embedding_length": 768, "feed_forward_length": 1152, "attention.head_count": 3,
            "attention.head_count_kv": 1, "attention.key_length": 256, "attention.value_length": 256,
            "attention.sliding_window": 512,
        ],
        tokenizer: "llama", tokens: 262_144, weights: 327_060_480)

    static let lfm2 = TestModel(
        description: "LFM2-1.2B", architecture: "lfm2",
        numbers: [
            "block_count": 16, "embedding_length": 2048, "feed_forward_length": 8192, "attention.head_count": 32,
            "shortconv.l_cache": 3,
        ],
        layers: ["attention.head_count_kv": [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0]],
        tokens: 65_536, merges: 65_216, weights: 728_509_440)

    static let solar = TestModel(
        description: "SOLAR-10.7B",
        numbers: [
            "block_count": 48, "embedding_length": 4096, "feed_forward_length": 14_336, "attention.head_count": 32,
            "attention.head_count_kv": 8,
        ],
        tokenizer: "llama", tokens: 32_000, weights: 6_460_923_904)

    static let omni = TestModel(
        description: "Qwen2.5-Omni-7B", architecture: "qwen2vl",
        numbers: [
            "block_count": 28, "embedding_length": 3584, "feed_forward_length": 18_944, "attention.head_count": 28,
            "attention.head_count_kv": 4,
        ],
        tokens: 152_064, merges: 151_387, weights: 4_677_120_000)

    static let omniProjector = TestModel(
        description: "Qwen2.5-Omni-7B's projector", architecture: "clip",
        numbers: [
            "vision.embedding_length": 1280, "vision.feed_forward_length": 3420, "vision.image_size": 560,
            "vision.patch_size": 14, "vision.n_wa_pattern": 8, "audio.embedding_length": 1280,
            "audio.feed_forward_length": 5120,
        ],
        weights: 1_546_925_056, flags: ["clip.has_vision_encoder": true, "clip.has_audio_encoder": true])
}
