import Testing

@testable import SaraiMemory

@Suite("GGUF faults")
struct GGUFFaultTests {
    /// A fault, and what its error must say.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: GGUFError.Code
        let words: String
        let file: [UInt8]

        init(_ name: String, _ code: GGUFError.Code, _ words: String, _ change: (inout GGUFBuilder) -> Void) {
            testDescription = name
            self.code = code
            self.words = words
            var builder = GGUFBuilder()
            change(&builder)
            file = builder.file()
        }
    }

    private static let huge = UInt64(1) << 62

    static let faults: [Fault] = [
        Fault("version 1", .unsupported, "GGUF version 1") { $0.version = 1 },
        Fault("version 4", .unsupported, "GGUF version 4") { $0.version = 4 },
        Fault("version 0", .unsupported, "GGUF version 0") { $0.version = 0 },
        Fault("big-endian", .unsupported, "big-endian") { $0.version = 3 << 24 },
        Fault("more tensors than fit", .truncated, "the number of tensors is 1000, more than fit") {
            $0.tensorCount = 1000
        },
        Fault("absurd number of tensors", .limitExceeded, "the number of tensors is \(huge)") { $0.tensorCount = huge },
        Fault("more keys than fit", .truncated, "the number of keys is 500") { $0.keyCount = 500 },
        Fault("absurd number of keys", .limitExceeded, "the number of keys is \(UInt64.max)") { $0.keyCount = .max },
        Fault("a key twice", .malformed, "key 'a' is there twice (at byte 38)") {
            $0.add("a", true)
            $0.add("a", true)
        },
        Fault("an empty key", .malformed, "key 0 is empty") { $0.add("", 1) },
        Fault("a key with a space", .malformed, "not visible ASCII") { $0.add("a b", 1) },
        Fault("a key of another alphabet", .malformed, "not visible ASCII") { $0.add("schlüssel", 1) },
        Fault("a key that is too long", .limitExceeded, "the length of key 0 is 65536") {
            $0.add(String(repeating: "k", count: 65_536), 1)
        },
        Fault("an unknown type of value", .malformed, "the type of key 'a' is 13") {
            $0.addKey("a", type: 13, value: [0])
        },
        Fault("a boolean of 2", .malformed, "a boolean is 0 or 1") { $0.addKey("a", type: 7, value: [2]) },
        Fault("a text longer than the file", .truncated, "the value of key 'a' at byte 45 takes 4096 bytes") {
            $0.addKey("a", type: 8, value: (4096 as UInt64).littleEndianBytes)
        },
        Fault("an absurd text", .limitExceeded, "the length of the value of key 'a' is \(huge)") {
            $0.addKey("a", type: 8, value: huge.littleEndianBytes)
        },
        Fault("an array longer than the file", .truncated, "array 'a' has 1000 elements, more than fit") {
            $0.addArray("a", type: 4, count: 1000, elements: [])
        },
        Fault("an absurd array", .limitExceeded, "the length of array 'a' is \(UInt64.max)") {
            $0.addArray("a", type: 0, count: .max, elements: [])
        },
        Fault("an array that overflows", .truncated, "array 'a' has \(huge) elements") {
            $0.addArray("a", type: 10, count: huge, elements: [])
        },
        Fault("a text in an array longer than the file", .truncated, "takes 999 bytes, but the file has") {
            $0.addArray("a", type: 8, count: 2, elements: "x".ggufBytes + (999 as UInt64).littleEndianBytes)
        },
        Fault("arrays nested too deeply", .limitExceeded, "array 'a' is nested too deeply") {
            let inner = (9 as UInt32).littleEndianBytes + (1 as UInt64).littleEndianBytes
            $0.addArray("a", type: 9, count: 1, elements: inner + [UInt8](repeating: 0, count: 12))
        },
        Fault("alignment 0", .malformed, "'general.alignment' is 0") { $0.add("general.alignment", 0) },
        Fault("alignment 48", .malformed, "'general.alignment' is 48") { $0.add("general.alignment", 48) },
        Fault("alignment in words", .malformed, "'general.alignment' is '32'") { $0.add("general.alignment", "32") },
        Fault("alignment of 2 GiB", .malformed, "'general.alignment' is 2147483648") {
            $0.add("general.alignment", 1 << 31)
        },
        Fault("a tensor twice", .malformed, "tensor 't' is there twice") {
            $0.addTensor("t", [32], .f32)
            $0.addTensor("t", [32], .f32)
        },
        Fault("a tensor without a name", .malformed, "tensor 0 has no name") { $0.addTensor("", [32], .f32) },
        Fault("a name that is too long", .limitExceeded, "the length of the name of tensor 0 is 64") {
            $0.addTensor(String(repeating: "n", count: 64), [32], .f32)
        },
        Fault("no sizes", .malformed, "tensor 't' has 0 sizes") {
            $0.addTensor("t", dimensions: [], type: 0, offset: 0)
            $0.addTensor("u", [32], .f32)
        },
        Fault("five sizes", .malformed, "tensor 't' has 5 sizes") { $0.addTensor("t", [1, 1, 1, 1, 1], .f32) },
        Fault("a negative size", .limitExceeded, "a size of tensor 't'") {
            $0.addTensor("t", dimensions: [.max], type: 0, offset: 0)
        },
        Fault("sizes that overflow", .malformed, "tensor 't': the product of its sizes overflows") {
            $0.addTensor("t", dimensions: [1 << 40, 1 << 40], type: 0, offset: 0)
        },
        Fault("bytes that overflow", .malformed, "tensor 't': the product of its sizes overflows") {
            $0.addTensor("t", dimensions: [1 << 61], type: 28, offset: 0)
        },
        Fault("data beyond any file", .malformed, "tensor 't': its data would end beyond any file") {
            $0.addTensor("t", dimensions: [1], type: 0, offset: 1 << 62)
        },
        Fault("a type that was removed", .unsupported, "tensor 't' is of type 4") {
            $0.addTensor("t", dimensions: [32], type: 4, offset: 0)
        },
        Fault("a type of the future", .unsupported, "tensor 't' is of type 4000000000") {
            $0.addTensor("t", dimensions: [32], type: 4_000_000_000, offset: 0)
        },
        Fault("rows of half a block", .malformed, "rows of 48 do not divide into Q8_0's blocks of 32") {
            $0.addTensor("t", dimensions: [48, 2], type: 8, offset: 0)
        },
        Fault("an offset out of line", .malformed, "its offset 33 is not a multiple of 32") {
            $0.addTensor("t", dimensions: [32], type: 0, offset: 33)
        },
    ]

    @Test("are named with file and field", arguments: faults)
    func names(fault: Fault) throws {
        let error = try #require(throws: GGUFError.self) {
            try GGUFHeader(parsing: fault.file, source: "models/x.gguf", fileSize: fault.file.count)
        }
        #expect(error.code == fault.code)
        #expect(error.message.contains(fault.words), "\(error)")
        #expect(error.message.hasPrefix("models/x.gguf: "))
    }

    @Test("say what the file is instead")
    func notGGUF() throws {
        let error = try #require(throws: GGUFError.self) {
            try GGUFHeader(parsing: Array("PK\u{3}\u{4} a zip archive".utf8), source: "x", fileSize: 20)
        }
        #expect(error.code == .notGGUF)
        #expect(error.message == "x: not a GGUF file: it starts with 'PK??', not with 'GGUF' (at byte 0)")
        let empty = try #require(throws: GGUFError.self) { try GGUFHeader(parsing: [], source: "x", fileSize: 0) }
        #expect(empty.code == .truncated)
    }

    @Test("name the tensor whose data is cut off")
    func truncatedData() throws {
        let file = GGUFBuilder.small().file()
        let header = try GGUFHeader(parsing: file, source: "models/x.gguf", fileSize: file.count)
        let end = header.dataOffset + 2720 + 8192
        try header.checkTensorData(fileSize: end + 256)
        let error = try #require(throws: GGUFError.self) { try header.checkTensorData(fileSize: end - 1) }
        #expect(error.code == .truncated)
        #expect(
            error.message == """
                models/x.gguf: tensor 'blk.0.attn_q.weight': data ends at byte \(end), but the file has \(end - 1) bytes \
                (truncated? download it again)
                """)
    }
}
