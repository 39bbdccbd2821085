import SaraiCore
import Testing

@testable import SaraiMemory

/// Whatever the bytes: an answer or an error, never a crash, and never memory out of proportion.
@Suite("GGUF fuzzing")
struct GGUFFuzzTests {
    private static let valid = GGUFBuilder.small().file()

    @Test("survives changed bytes", arguments: 0..<8 as Range<UInt64>)
    func changedBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let headerBytes = GGUFBuilder.small().header().count
        for _ in 0..<750 {
            var file = Self.valid
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                file[Int.random(in: 0..<headerBytes, using: &random)] = Self.byte(using: &random)
            }
            check(file)
        }
    }

    @Test("survives counts and lengths of any size", arguments: 0..<8 as Range<UInt64>)
    func changedWords(seed: UInt64) {
        var random = SeededGenerator(seed: 1000 + seed)
        let headerBytes = GGUFBuilder.small().header().count
        let words: [UInt64] = [0, 1, .max, 1 << 63, 1 << 62, 1 << 40, 1 << 32, (1 << 32) - 1, 1 << 31, 1 << 20]
        for _ in 0..<750 {
            var file = Self.valid
            let position = Int.random(in: 0..<headerBytes - 8, using: &random)
            let word = words.randomElement(using: &random) ?? 0
            file.replaceSubrange(position..<position + 8, with: word.littleEndianBytes)
            check(file)
        }
    }

    @Test("survives missing, doubled and foreign pieces", arguments: 0..<8 as Range<UInt64>)
    func pieces(seed: UInt64) {
        var random = SeededGenerator(seed: 2000 + seed)
        for _ in 0..<400 {
            var file = Self.valid
            let start = Int.random(in: 0..<file.count, using: &random)
            let end = Int.random(in: start...file.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: file.removeSubrange(start..<end)
            case 1: file.removeSubrange(end...)
            case 2: file.insert(contentsOf: file[start..<end], at: start)
            default: file.insert(contentsOf: (start..<end).map { _ in Self.byte(using: &random) }, at: start)
            }
            check(file)
        }
    }

    @Test("survives noise behind a valid start", arguments: 0..<4 as Range<UInt64>)
    func noise(seed: UInt64) {
        var random = SeededGenerator(seed: 3000 + seed)
        for _ in 0..<500 {
            let noise = (0..<400).map { _ in Self.byte(using: &random) }
            var builder = GGUFBuilder()
            builder.tensorCount = UInt64.random(in: 0...4, using: &random)
            builder.keyCount = UInt64.random(in: 0...4, using: &random)
            check(builder.header() + noise)
        }
    }

    @Test("reserves nothing for what is only announced")
    func announcements() throws {
        var builder = GGUFBuilder()
        builder.tensorCount = 100_000
        builder.keyCount = 65_536
        builder.addArray("a", type: 8, count: 10_000_000, elements: [])
        let file = builder.file()
        let before = try ProcessMemory.own()
        for _ in 0..<200 {
            let error = #expect(throws: GGUFError.self) {
                try GGUFHeader(parsing: file, source: "fuzz", fileSize: nil)
            }
            #expect(error?.code == .incomplete)
        }
        // Other tests run meanwhile; what the counts stand for would be gigabytes.
        #expect(try ProcessMemory.own().hard - before.hard < .mebibytes(256))
    }

    /// Parses with and without the file's size, and does with the result what the rest of Sarai does.
    private func check(_ file: [UInt8]) {
        for size in [file.count, nil] {
            guard let header = try? GGUFHeader(parsing: file, source: "fuzz", fileSize: size) else {
                continue
            }
            _ = try? header.checkTensorData(fileSize: file.count)
            let decoded = header.metadata.entries.reduce(0) { $0 + ($1.value.arrayValue?.elements?.count ?? 1) }
            #expect(decoded <= file.count)
            #expect(header.tensors.count <= file.count / 33)
            _ = header.modelInfo
            _ = header.quantization
            let settings = LoadSettings(contextLength: 2048, slots: 2)
            let footprint = FootprintEstimator(model: header, projector: header, settings: settings).estimate()
            #expect(footprint.resident >= .zero)
        }
    }

    /// Small values and extreme ones hit more checks than evenly spread ones.
    private static func byte(using random: inout SeededGenerator) -> UInt8 {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: UInt8.random(in: 0...16, using: &random)
        case 1: 0xFF
        default: UInt8.random(in: 0...255, using: &random)
        }
    }
}
