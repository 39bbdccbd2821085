import Testing

@testable import SaraiCore

@Suite("The size of a picture")
struct ImageSizeTests {
    private static func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        big(value, count).reversed()
    }

    private static func png(_ width: Int, _ height: Int) -> [UInt8] {
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + big(13, 4) + Array("IHDR".utf8) + big(width, 4)
            + big(height, 4) + [8, 2, 0, 0, 0]
    }

    private static func gif(_ width: Int, _ height: Int) -> [UInt8] {
        Array("GIF89a".utf8) + little(width, 2) + little(height, 2) + [0, 0, 0]
    }

    private static func bmp(_ width: Int, _ height: Int) -> [UInt8] {
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + little(40, 4) + little(width, 4) + little(height, 4)
    }

    private static func oldBMP(_ width: Int, _ height: Int) -> [UInt8] {
        Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + little(12, 4) + little(width, 2) + little(height, 2)
    }

    private static func webp(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + little(100, 4) + Array("WEBP\(kind)".utf8) + little(content.count, 4) + content
    }

    /// A JPEG whose frame stands behind other segments, among them one with a picture of its own in it.
    private static func jpeg(_ width: Int, _ height: Int, marker: UInt8 = 0xC0) -> [UInt8] {
        let preview: [UInt8] = [0xFF, 0xD8, 0xFF, 0xC0] + big(17, 2) + [8] + big(1, 2) + big(1, 2)
        let application: [UInt8] = [0xFF, 0xE1] + big(2 + preview.count, 2) + preview
        let frame: [UInt8] = [0xFF, marker] + big(17, 2) + [8] + big(height, 2) + big(width, 2) + [3]
        return [0xFF, 0xD8, 0xFF, 0xFF] + application.dropFirst() + frame + [UInt8](repeating: 0, count: 9)
            + [0xFF, 0xDA, 0, 2]
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let format: Media.Format
        let file: [UInt8]
        let width: Int
        let height: Int
    }

    static let samples = [
        Sample(testDescription: "PNG", format: .png, file: png(640, 480), width: 640, height: 480),
        Sample(
            testDescription: "large PNG", format: .png, file: png(1 << 31, 1 << 31), width: 1 << 31, height: 1 << 31),
        Sample(testDescription: "GIF", format: .gif, file: gif(65_535, 2), width: 65_535, height: 2),
        Sample(testDescription: "BMP", format: .bmp, file: bmp(30_000, 20_000), width: 30_000, height: 20_000),
        Sample(testDescription: "BMP from the top", format: .bmp, file: bmp(3, -7), width: 3, height: 7),
        Sample(
            testDescription: "BMP of the lowest number", format: .bmp, file: bmp(3, -1 << 31), width: 3, height: 1 << 31
        ),
        Sample(testDescription: "old BMP", format: .bmp, file: oldBMP(5, 6), width: 5, height: 6),
        Sample(
            testDescription: "lossy WebP", format: .webp,
            file: webp("VP8 ", [0, 0, 0, 0x9D, 0x01, 0x2A] + little(0xC000 | 320, 2) + little(200, 2)), width: 320,
            height: 200),
        Sample(
            testDescription: "lossless WebP", format: .webp, file: webp("VP8L", [0x2F] + little(319 | 199 << 14, 4)),
            width: 320, height: 200),
        Sample(
            testDescription: "extended WebP", format: .webp,
            file: webp("VP8X", [0, 0, 0, 0] + little(16_777_215, 3) + little(9, 3)), width: 16_777_216, height: 10),
        Sample(testDescription: "JPEG", format: .jpeg, file: jpeg(4000, 3000), width: 4000, height: 3000),
        Sample(
            testDescription: "progressive JPEG", format: .jpeg, file: jpeg(65_535, 65_535, marker: 0xC2), width: 65_535,
            height: 65_535),
    ]

    @Test("is where each format has it", arguments: samples)
    func sizes(sample: Sample) throws {
        let size = try #require(ImageSize(sample.file, format: sample.format))
        #expect((size.width, size.height) == (sample.width, sample.height))
        #expect(Media.Format(magic: sample.file) == sample.format)
        let media = try #require(Media(file: sample.file + [UInt8](repeating: 0, count: 64)))
        #expect(media.imageSize == size)
    }

    @Test("no beginning of a file is read beyond its end", arguments: samples)
    func beginnings(sample: Sample) {
        for count in 0..<sample.file.count {
            let size = ImageSize(Array(sample.file.prefix(count)), format: sample.format)
            #expect(size == nil || (size?.width, size?.height) == (sample.width, sample.height))
        }
    }

    @Test("a JPEG counts with the largest of its frames")
    func frames() throws {
        let small: [UInt8] = [0xFF, 0xC0] + Self.big(11, 2) + [8] + Self.big(1, 2) + Self.big(1, 2) + [0, 0, 0, 0]
        let large: [UInt8] =
            [0xFF, 0xC1] + Self.big(11, 2) + [8] + Self.big(60_000, 2) + Self.big(60_000, 2) + [0, 0, 0, 0]
        let end: [UInt8] = [0xFF, 0xDA]
        for file in [small + large, large + small] {
            #expect(ImageSize([0xFF, 0xD8] + file + end, format: .jpeg)?.pixels == 3_600_000_000)
        }
    }

    @Test("pixels do not overflow")
    func overflow() throws {
        let size = try #require(ImageSize(Self.png(Int(UInt32.max), Int(UInt32.max)), format: .png))
        #expect(size.pixels == .max || size.pixels == Int(UInt32.max) * Int(UInt32.max))
    }

    @Test("pictures without a size are none", arguments: [Media.Format.png, .gif, .bmp])
    func empty(format: Media.Format) {
        let file =
            switch format {
            case .png: Self.png(0, 5)
            case .gif: Self.gif(5, 0)
            default: Self.bmp(-5, 5)
            }
        #expect(ImageSize(file, format: format) == nil)
    }

    @Test("any bytes are survived", arguments: Media.Format.allCases)
    func noise(format: Media.Format) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let noise = (0..<Int.random(in: 0...80)).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = ImageSize(noise, format: format)
            var damaged = Self.jpeg(400, 300)
            damaged[Int.random(in: 0..<damaged.count)] = UInt8.random(in: 0...255)
            _ = ImageSize(damaged, format: format)
        }
    }
}
