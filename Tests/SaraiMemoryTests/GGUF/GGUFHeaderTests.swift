import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("GGUF header")
struct GGUFHeaderTests {
    private func parse(_ builder: GGUFBuilder, limits: GGUFLimits = GGUFLimits()) throws -> GGUFHeader {
        let file = builder.file()
        return try GGUFHeader(parsing: file, source: "m.gguf", fileSize: file.count, limits: limits)
    }

    @Test("reads hyper-parameters", arguments: [2, 3] as [UInt32])
    func hyperparameters(version: UInt32) throws {
        var builder = GGUFBuilder.small()
        builder.version = version
        let header = try parse(builder)
        #expect(header.version == Int(version))
        #expect(header.architecture == "llama")
        #expect(header.name == "Small")
        #expect(header.contextLength == 4096)
        #expect(header.blockCount == 2)
        #expect(header.headCount == .uniform(4))
        #expect(header.headCountKV == .perLayer([2, 0]))
        #expect(header.keyLength == 16 && header.valueLength == 16)
        #expect(header.vocabularySize == 40)
        #expect(header.quantization == "Q4_K_M")
        #expect(header.metadata["tokenizer.ggml.add_bos_token"]?.boolValue == true)
        #expect(header.metadata["llama.rope.freq_base"] == .number(10_000))
        #expect(!header.isProjector && !header.isEmbeddingModel)
        #expect(header.chatTemplate == nil)
    }

    @Test("lists tensors with their sizes")
    func tensors() throws {
        let file = GGUFBuilder.small().file()
        let header = try GGUFHeader(parsing: file, source: "m.gguf", fileSize: file.count)
        #expect(header.tensors.map(\.name) == ["token_embd.weight", "blk.0.attn_q.weight", "blk.0.attn_norm.weight"])
        #expect(header.tensors.map(\.byteCount) == [64 * 40 / 32 * 34, 64 * 64 * 2, 64 * 4])
        #expect(header.tensorBytes == 2720 + 8192 + 256)
        #expect(header.parameterCount == 2560 + 4096 + 64)
        #expect(header.parameterLabel == "7K")
        #expect(header.dataOffset.isMultiple(of: 32) && header.dataOffset >= header.headerBytes)
        try header.checkTensorData(fileSize: file.count)
    }

    @Test("keeps each type of value")
    func types() throws {
        var builder = GGUFBuilder()
        builder.addKey("u8", type: 0, value: [200])
        builder.addKey("i8", type: 1, value: [200])
        builder.addKey("u16", type: 2, value: (50_000 as UInt16).littleEndianBytes)
        builder.addKey("i16", type: 3, value: (-7 as Int16).littleEndianBytes)
        builder.addKey("i32", type: 5, value: (-70_000 as Int32).littleEndianBytes)
        builder.addKey("u64", type: 10, value: UInt64.max.littleEndianBytes)
        builder.addKey("i64", type: 11, value: Int64.min.littleEndianBytes)
        builder.addKey("f64", type: 12, value: (0.1 as Double).bitPattern.littleEndianBytes)
        builder.addKey("text", type: 8, value: (2 as UInt64).littleEndianBytes + [0xFF, 0x41])
        let metadata = try parse(builder).metadata
        let values = metadata.entries.map(\.value)
        #expect(
            values == [
                .integer(200), .integer(-56), .integer(50_000), .integer(-7), .integer(-70_000), .unsigned(.max),
                .integer(.min), .number(0.1), .string("\u{FFFD}A"),
            ])
        #expect(metadata["absent"] == nil)
    }

    @Test("keeps only the length of long arrays")
    func longArrays() throws {
        var builder = GGUFBuilder()
        builder.addArray("short", [1, 2, 3])
        builder.addArray("long", [Int32](repeating: 1, count: 1025))
        builder.addTokens(5000, key: "texts")
        let metadata = try parse(builder).metadata
        #expect(metadata["short"]?.arrayValue?.elements == [.integer(1), .integer(2), .integer(3)])
        let long = try #require(metadata["long"]?.arrayValue)
        #expect(long.count == 1025 && long.elements == nil && long.byteCount == 4100)
        #expect(metadata["texts"]?.arrayValue?.count == 5000)

        var limits = GGUFLimits()
        limits.decodedArrayElements = 5000
        #expect(try parse(builder, limits: limits).metadata["texts"]?.arrayValue?.elements?.count == 5000)
    }

    @Test("decodes only so many elements in one file")
    func decodedElements() throws {
        var builder = GGUFBuilder()
        builder.addArray("first", [1, 2, 3])
        builder.addArray("second", [4, 5, 6])
        var limits = GGUFLimits()
        limits.decodedElements = 5
        let metadata = try parse(builder, limits: limits).metadata
        #expect(metadata["first"]?.arrayValue?.elements != nil)
        #expect(metadata["second"]?.arrayValue?.elements == nil)
    }

    @Test("steps over arrays of arrays")
    func nestedArrays() throws {
        var builder = GGUFBuilder()
        let inner = (4 as UInt32).littleEndianBytes + (1 as UInt64).littleEndianBytes + (9 as UInt32).littleEndianBytes
        builder.addArray("nested", type: 9, count: 2, elements: inner + inner)
        builder.add("after", "x")
        let metadata = try parse(builder).metadata
        #expect(metadata["nested"]?.arrayValue?.elementType == .array)
        #expect(metadata["nested"]?.arrayValue?.count == 2)
        #expect(metadata["after"] == .string("x"))
    }

    @Test("honours the file's own alignment")
    func alignment() throws {
        var builder = GGUFBuilder()
        builder.alignment = 4096
        builder.add("general.alignment", 4096)
        builder.addTensor("a", [3], .f32)
        builder.addTensor("b", [3], .f32)
        let header = try parse(builder)
        #expect(header.alignment == 4096 && header.dataOffset == 4096)
        #expect(header.tensors.map(\.offset) == [0, 4096])
    }

    @Test("tells a projector and what it reads")
    func projector() throws {
        var builder = GGUFBuilder()
        builder.add("general.architecture", "clip")
        builder.add("clip.has_vision_encoder", true)
        builder.add("clip.has_audio_encoder", false)
        builder.add("clip.vision.projector_type", "qwen2.5o")
        builder.add("clip.vision.patch_size", 14)
        let header = try parse(builder)
        #expect(header.isProjector && header.hasVision && !header.hasAudio)
        #expect(header.projectorType == "qwen2.5o")
        #expect(header.vision("patch_size") == 14 && header.audio("block_count") == nil)
    }

    @Test("tells an embedding model")
    func embedding() throws {
        var pooled = GGUFBuilder()
        pooled.add("general.architecture", "qwen3")
        pooled.add("qwen3.pooling_type", 3)
        #expect(try parse(pooled).poolingType == .last)
        #expect(try parse(pooled).isEmbeddingModel)
        var bidirectional = GGUFBuilder()
        bidirectional.add("general.architecture", "bert")
        bidirectional.add("bert.attention.causal", false)
        #expect(try parse(bidirectional).isEmbeddingModel)
    }

    @Test("gives the metadata as JSON, without the vocabulary and the template")
    func modelInfo() throws {
        var builder = GGUFBuilder.small()
        builder.add("tokenizer.chat_template", "{{ x }}")
        builder.addTokens(2000, key: "tokenizer.ggml.merges")
        builder.addKey("odd", type: 6, value: Float.infinity.bitPattern.littleEndianBytes)
        let header = try parse(builder)
        let info = header.modelInfo
        #expect(info["llama.context_length"] == .integer(4096))
        #expect(info["llama.attention.head_count_kv"] == .array([.integer(2), .integer(0)]))
        #expect(info["tokenizer.ggml.merges"] == .array([]))
        #expect(info["tokenizer.chat_template"] == nil && info["general.name"] == nil)
        #expect(info["general.parameter_count"] == .integer(6720))
        #expect(info["odd"] == .null)
        #expect(header.chatTemplate == "{{ x }}")
        #expect(header.mergeCount == 2000)
    }

    @Test("names the quantisation by the weights where the file does not")
    func quantization() throws {
        var builder = GGUFBuilder()
        builder.addTensor("small", [64], .f32)
        builder.addTensor("large", [256, 40], .q4_K)
        #expect(try parse(builder).quantization == "Q4_K")
        #expect(try parse(GGUFBuilder()).quantization == "unknown")
    }
}
