import Foundation
import Testing

@testable import SaraiRouter

@Suite("Safetensors files")
struct SafetensorsTests {
    private static let entry = #""t": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}"#

    private func fault(_ bytes: [UInt8]) -> String {
        do throws(RouterFileError) {
            _ = try Safetensors(parsing: bytes, file: "f", format: "x").tensor("t", [2])
            return "none"
        } catch {
            return error.message
        }
    }

    private func fault(header: String, data: [UInt8] = Array(repeating: 0, count: 8)) -> String {
        fault(WeightsFile.file(header: Array(header.utf8), data: data))
    }

    @Test("are read with their metadata and their floats")
    func reads() throws {
        var file = WeightsFile(metadata: ["format": "x", "n": "3", "d": "-0.5", "l": "1,-2,3e-1"], tensors: [])
        file.add("t", [2, 1], [1.5, -2])
        file.add("u", [1], [.pi])
        let read = try Safetensors(parsing: try file.bytes(), file: "f", format: "x")
        let tensor = try read.tensor("t", [nil, 1])
        #expect(tensor.shape == [2, 1] && tensor.values == [1.5, -2])
        #expect(try read.tensor("u", [1]).values == [.pi])
        #expect(try read.integer("n", in: 1...3) == 3)
        #expect(try read.number("d", in: -1...0) == -0.5)
        #expect(try read.three("l") == SIMD3(1, -2, 0.3))
        #expect(read.has("u") && !read.has("v"))
    }

    @Test("a fault of the file is named, with the file and the remedy")
    func faultsOfTheFile() {
        let good = #"{"__metadata__": {"format": "x"}, \#(Self.entry)}"#
        #expect(fault(header: good) == "none")
        #expect(fault(header: good + "   ") == "none")
        let cases: [(String, String)] = [
            (fault([]), "0 bytes are no safetensors file"),
            (fault([1, 2, 3]), "3 bytes are no safetensors file"),
            (fault(Array(repeating: 255, count: 64)), "a header of 18446744073709551615 bytes does not fit"),
            (fault(WeightsFile.littleEndian(UInt64(9)) + [123, 125]), "a header of 9 bytes does not fit a file of 10"),
            (fault(header: "{}{"), "its header is not that"),
            (fault(header: "[]"), "its header is not that"),
            (fault(header: String(repeating: "[", count: 100_000)), "its header is not that"),
            (fault(header: #"{"__metadata__": {"format": 1}}"#), "its header is not that"),
            (fault(header: "{}"), "its format is '', not 'x'"),
            (fault(header: #"{"__metadata__": {"format": "y"}}"#), "its format is 'y', not 'x'"),
            (fault(header: good, data: Array(repeating: 0, count: 7)), "tensor 't': its place"),
            (fault(header: good, data: Array(repeating: 0, count: 9)), "1 bytes at its end belong to no tensor"),
        ]
        for (message, expected) in cases {
            #expect(message.hasPrefix("f: \(expected)") && message.contains("make train-router"), "\(message)")
        }
    }

    @Test("a tensor cannot end before it begins, however far")
    func backwards() {
        let header =
            #"{"__metadata__": {"format": "f"}, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "#
            + #""b": {"dtype": "F32", "shape": [2], "data_offsets": [8, -9223372036854775808]}}"#
        var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init) + Array(header.utf8)
        bytes += [UInt8](repeating: 0, count: 8)
        #expect(throws: RouterFileError.self) { try Safetensors(parsing: bytes, file: "x", format: "f") }
    }

    @Test(
        "a fault of a tensor is named",
        arguments: [
            (#""dtype": "F16", "shape": [2], "data_offsets": [0, 8]"#, "tensor 't' is of F16, not of F32"),
            (#""dtype": "F32", "shape": [3], "data_offsets": [0, 8]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [4, 8]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [8, 0]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [0]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": []"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [0, 8, 8]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [-8, 0]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [2], "data_offsets": [0, 9223372036854775807]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]"#, "its place does not fit"),
            (#""dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]"#, "has the shape [1, 2], not [2]"),
            (#""dtype": "F32", "shape": [2]"#, "its header is not that"),
            (#""dtype": "F32", "shape": [1e99], "data_offsets": [0, 8]"#, "its header is not that"),
        ])
    func faultsOfATensor(_ entry: String, _ expected: String) {
        let message = fault(header: #"{"__metadata__": {"format": "x"}, "t": {\#(entry)}}"#)
        #expect(message.contains(expected), "\(message)")
    }

    @Test("overlapping, missing and infinite tensors are refused")
    func layout() {
        let other = Self.entry.replacing("t", with: "u", maxReplacements: 1)
        let twice = #"{"__metadata__": {"format": "x"}, \#(Self.entry), \#(other)}"#
        #expect(fault(header: twice).contains("its place does not fit"))
        #expect(fault(header: #"{"__metadata__": {"format": "x"}}"#, data: []).contains("tensor 't' is missing"))
        let good = #"{"__metadata__": {"format": "x"}, \#(Self.entry)}"#
        for value in [Float.nan, .infinity] {
            let data = WeightsFile.littleEndian(value.bitPattern) + [0, 0, 0, 0]
            #expect(fault(header: good, data: data).contains("values that are no numbers"))
        }
    }

    @Test("wrong metadata is named")
    func metadata() throws {
        let values = [
            "format": "x", "n": "3.5", "d": "nan", "two": "1,2", "words": "a,b,c", "hole": "1,,2", "big": "1,2,inf",
        ]
        let file = try Safetensors(
            parsing: try WeightsFile(metadata: values, tensors: []).bytes(), file: "f", format: "x")
        #expect(throws: RouterFileError("f", "its metadata has n = '3.5', not a whole number of 1...9")) {
            try file.integer("n", in: 1...9)
        }
        #expect(throws: RouterFileError("f", "its metadata lacks 'missing'")) { try file.integer("missing", in: 1...9) }
        #expect(throws: RouterFileError("f", "its metadata has d = 'nan', not a number of 0.0...1.0")) {
            try file.number("d", in: 0...1)
        }
        for key in ["two", "words", "hole", "big"] {
            #expect(throws: RouterFileError.self) { try file.three(key) }
        }
    }

    @Test("no bit of a file that is flipped crashes the reader")
    func flips() throws {
        var file = WeightsFile.head("logistic", inputs: 2)
        file.add("weight", [3, 2], [1, 2, 3, 4, 5, 6])
        file.add("bias", [3], [0, 1, 2])
        let good = try file.bytes()
        var refused = 0
        for index in good.indices {
            for bit in [0, 3, 7] {
                var bad = good
                bad[index] ^= 1 << bit
                if (try? RouterHead(safetensors: bad)) == nil {
                    refused += 1
                }
            }
        }
        #expect(refused > good.count)
    }
}
