import Foundation
import Testing

@testable import SaraiMemory

@Suite("Split GGUF models")
struct GGUFSplitTests {
    @Test("are named by the engine's rule")
    func names() throws {
        let name = try #require(GGUFSplitName("/m/big-q4-00002-of-00013.gguf"))
        #expect(name.number == 2 && name.count == 13)
        #expect(name.path(ofPart: 13) == "/m/big-q4-00013-of-00013.gguf")
        for wrong in [
            "big.gguf", "big-00002-of-00013.gguf.part", "big-2-of-13.gguf", "big-00000-of-00002.gguf",
            "big-00003-of-00002.gguf", "-00001-of-00002.gguf", "big-00001-of-00000.gguf",
        ] {
            #expect(GGUFSplitName(wrong) == nil, "\(wrong)")
        }
    }

    @Test("count as a whole, like the same model in one file")
    func whole() throws {
        try withTemporaryFolder { folder in
            try write(try Self.file(), to: "\(folder)/whole.gguf")
            for part in 0..<3 {
                try write(try Self.file(part: part), to: "\(folder)/m-0000\(part + 1)-of-00003.gguf")
            }
            let whole = try GGUFHeader.read(file: "\(folder)/whole.gguf")
            let split = try GGUFHeader.read(file: "\(folder)/m-00001-of-00003.gguf")
            #expect(Set(split.tensors.map(\.name)) == Set(whole.tensors.map(\.name)))
            #expect(split.tensorBytes == whole.tensorBytes && split.parameterCount == whole.parameterCount)
            let settings = LoadSettings(contextLength: 1024)
            let expected = FootprintEstimator(model: whole, settings: settings).estimate()
            #expect(FootprintEstimator(model: split, settings: settings).estimate() == expected)
        }
    }

    @Test("are refused where a part is missing, cut, or of another model")
    func faults() throws {
        try withTemporaryFolder { folder in
            let paths = (1...3).map { "\(folder)/m-0000\($0)-of-00003.gguf" }
            for part in 0..<3 {
                try write(try Self.file(part: part), to: paths[part])
            }
            func fault(_ path: String) -> GGUFError? {
                #expect(throws: GGUFError.self) { try GGUFHeader.read(file: path) }
            }
            let middle = try #require(fault(paths[1]))
            #expect(middle.message.contains("part 2 of 3; name the first one instead: \(paths[0])"))

            try write(try Self.file(part: 0), to: "\(folder)/renamed.gguf")
            #expect(fault("\(folder)/renamed.gguf")?.message.contains("give it its original name back") == true)

            try write(try Self.file(part: 2).dropLast(40), to: paths[2])
            let cut = try #require(fault(paths[0]))
            #expect(cut.code == .truncated && cut.message.hasPrefix(paths[2]))

            try write(try Self.file(part: 1), to: paths[2])
            #expect(fault(paths[0])?.message.contains("part 2 of 3, where part 3 of 3 should be") == true)

            try write(try Self.file(part: 2, tensor: "blk.1.w"), to: paths[2])
            #expect(fault(paths[0])?.message.contains("tensor 'blk.1.w' is in another part") == true)

            try FileManager.default.removeItem(atPath: paths[2])
            let missing = try #require(fault(paths[0]))
            #expect(missing.code == .unreadable && missing.message.hasPrefix("\(paths[2]): cannot be opened"))
        }
    }

    @Test("cannot claim any number of parts", arguments: [0, 1000, 65_535] as [UInt16])
    func absurd(count: UInt16) throws {
        var builder = GGUFBuilder.small()
        builder.addKey("split.count", type: 2, value: count.littleEndianBytes)
        let header = try GGUFHeader(parsing: builder.file(), source: "u", fileSize: nil)
        let error = #expect(throws: GGUFError.self) { try header.pathsOfOtherParts(of: "m-00001-of-00002.gguf") }
        #expect(error?.code == .limitExceeded)
    }

    @Test("that are not all there yet are read as far as they are")
    func partial() throws {
        try withTemporaryFolder { folder in
            let file = GGUFBuilder.small().file()
            let path = "\(folder)/m.gguf.part"
            try write(file.dropLast(3000), to: path)
            let partial = try GGUFHeader.readPartial(file: path)
            #expect(partial.present == file.count - 3000)
            #expect(partial.needed == file.count)
            try write(file, to: path)
            let whole = try GGUFHeader.readPartial(file: path)
            #expect(partial.header == whole.header && whole.present == whole.needed)
            let inHeader = GGUFBuilder.small().header().count - 1
            try write(file.prefix(inHeader), to: path)
            let error = #expect(throws: GGUFError.self) { try GGUFHeader.readPartial(file: path) }
            #expect(error?.code == .truncated)
        }
    }

    /// A file with all tensors, or with those of one part of three.
    private static func file(part: Int? = nil, tensor: String? = nil) throws -> [UInt8] {
        var builder = part == nil || part == 0 ? GGUFBuilder.small() : GGUFBuilder()
        if let part {
            builder.addKey("split.no", type: 2, value: UInt16(part).littleEndianBytes)
            builder.addKey("split.count", type: 2, value: (3 as UInt16).littleEndianBytes)
            builder.addKey("split.tensors.count", type: 5, value: (5 as Int32).littleEndianBytes)
        }
        for number in 1...2 where part == nil || part == number {
            builder.addTensor(tensor ?? "blk.\(number).w", [256, 64 * number], .q4_K)
        }
        return builder.file()
    }
}
