@testable import SaraiMemory

/// Writes GGUF files for tests: correct ones, and any fault that a test asks for.
struct GGUFBuilder {
    /// The version that the file claims.
    var version: UInt32 = 3
    /// The number of tensors that the file claims; `nil` is the truth.
    var tensorCount: UInt64?
    /// The number of keys that the file claims; `nil` is the truth.
    var keyCount: UInt64?
    /// The alignment of the tensors' data. Metadata says nothing of it unless ``add(_:_:)`` is told to.
    var alignment = 32
    private var keys: [[UInt8]] = []
    private var tensors: [[UInt8]] = []
    private var dataBytes = 0

    init() {}

    /// A small model with everything that a real one has: hyper-parameters, vocabulary, tensors.
    static func small() -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add("general.architecture", "llama")
        builder.add("general.name", "Small")
        builder.add("general.file_type", 15)
        builder.add("llama.context_length", 4096)
        builder.add("llama.embedding_length", 64)
        builder.add("llama.block_count", 2)
        builder.add("llama.feed_forward_length", 128)
        builder.add("llama.attention.head_count", 4)
        builder.addArray("llama.attention.head_count_kv", [2, 0])
        builder.addKey("llama.rope.freq_base", type: 6, value: (10_000 as Float).bitPattern.littleEndianBytes)
        builder.addKey("tokenizer.ggml.add_bos_token", type: 7, value: [1])
        builder.addArray("tokenizer.ggml.tokens", (0..<40).map { "token\($0)" })
        builder.addTensor("token_embd.weight", [64, 40], .q8_0)
        builder.addTensor("blk.0.attn_q.weight", [64, 64], .f16)
        builder.addTensor("blk.0.attn_norm.weight", [64], .f32)
        return builder
    }

    // MARK: Metadata

    mutating func add(_ key: String, _ value: String) {
        addKey(key, type: 8, value: value.ggufBytes)
    }

    mutating func add(_ key: String, _ value: UInt32) {
        addKey(key, type: 4, value: value.littleEndianBytes)
    }

    mutating func add(_ key: String, _ value: Bool) {
        addKey(key, type: 7, value: [value ? 1 : 0])
    }

    mutating func addArray(_ key: String, _ values: [Int32]) {
        addArray(key, type: 5, count: UInt64(values.count), elements: values.flatMap { $0.littleEndianBytes })
    }

    mutating func addArray(_ key: String, _ values: [String]) {
        addArray(key, type: 8, count: UInt64(values.count), elements: values.flatMap(\.ggufBytes))
    }

    mutating func addArray(_ key: String, type: UInt32, count: UInt64, elements: [UInt8]) {
        addKey(key, type: 9, value: type.littleEndianBytes + count.littleEndianBytes + elements)
    }

    /// A vocabulary of `count` empty texts: what it takes is counted, what it says is not.
    mutating func addTokens(_ count: Int, key: String = "tokenizer.ggml.tokens") {
        addArray(key, type: 8, count: UInt64(count), elements: [UInt8](repeating: 0, count: 8 * count))
    }

    mutating func addKey(_ key: String, type: UInt32, value: [UInt8]) {
        keys.append(key.ggufBytes + type.littleEndianBytes + value)
    }

    // MARK: Tensors

    /// Adds a tensor behind those before it.
    mutating func addTensor(_ name: String, _ dimensions: [Int], _ type: GGMLType) {
        addTensor(
            name, dimensions: dimensions.map(UInt64.init), type: type.rawValue, offset: UInt64(dataBytes))
        let bytes = type.bytes(ofElements: dimensions.reduce(1, *)) ?? 0
        dataBytes += (bytes + alignment - 1) / alignment * alignment
    }

    /// Adds what a header may claim about a tensor.
    mutating func addTensor(_ name: String, dimensions: [UInt64], type: UInt32, offset: UInt64) {
        tensors.append(
            name.ggufBytes + UInt32(dimensions.count).littleEndianBytes
                + dimensions.flatMap { $0.littleEndianBytes } + type.littleEndianBytes + offset.littleEndianBytes)
    }

    // MARK: Files

    /// The header without any data.
    func header() -> [UInt8] {
        var bytes = Array("GGUF".utf8) + version.littleEndianBytes
        bytes += (tensorCount ?? UInt64(tensors.count)).littleEndianBytes
        bytes += (keyCount ?? UInt64(keys.count)).littleEndianBytes
        for piece in keys + tensors {
            bytes += piece
        }
        return bytes
    }

    /// The whole file, its data all zeros.
    func file() -> [UInt8] {
        let header = header()
        let padding = (alignment - header.count % alignment) % alignment
        return header + [UInt8](repeating: 0, count: padding + dataBytes)
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] {
        withUnsafeBytes(of: littleEndian) { Array($0) }
    }
}

extension String {
    /// The text as GGUF has it: 64 bits of length, then UTF-8.
    var ggufBytes: [UInt8] {
        UInt64(utf8.count).littleEndianBytes + utf8
    }
}
