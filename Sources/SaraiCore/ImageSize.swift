/// The width and height of a picture, read from the first bytes of its file.
///
/// A file of a few hundred bytes may announce a picture that takes gigabytes to decode, so its size is held against a limit
/// before anybody decodes it. Every byte that is read is known to be there; what is announced is not believed otherwise.
public struct ImageSize: Hashable, Sendable {
    /// In pixels.
    public let width: Int
    /// In pixels.
    public let height: Int

    /// All pixels; what is more than an integer holds counts as its maximum.
    public var pixels: Int {
        let (product, overflow) = width.multipliedReportingOverflow(by: height)
        return overflow ? .max : product
    }

    /// Reads a picture's size; `nil` if the file has none where the format says, or is of no format of pictures.
    ///
    /// - Parameters:
    ///   - file: its bytes; of a JPEG all of them, of other formats the first ``headBytes`` are enough.
    ///   - format: the format of the file.
    public init?(_ file: [UInt8], format: Media.Format) {
        let bytes = HeadBytes(bytes: file)
        let size =
            switch format {
            case .png: Self.png(bytes)
            case .gif: Self.gif(bytes)
            case .bmp: Self.bmp(bytes)
            case .webp: Self.webp(bytes)
            case .jpeg: Self.jpeg(bytes)
            case .wav, .mp3, .flac, .mp4, .webm: nil as (Int, Int)?
            }
        guard let size, size.0 > 0, size.1 > 0 else {
            return nil
        }
        (width, height) = size
    }

    /// Where the size is, in all formats but JPEG.
    static let headBytes = 30

    /// The first chunk, which must be IHDR. Source: PNG, section 11.2.2.
    private static func png(_ bytes: HeadBytes) -> (Int, Int)? {
        guard bytes.text(at: 12, count: 4) == "IHDR", let width = bytes.big(4, at: 16),
            let height = bytes.big(4, at: 20)
        else {
            return nil
        }
        return (width, height)
    }

    /// The logical screen. Source: GIF89a, section 18.
    private static func gif(_ bytes: HeadBytes) -> (Int, Int)? {
        guard let width = bytes.little(2, at: 6), let height = bytes.little(2, at: 8) else {
            return nil
        }
        return (width, height)
    }

    /// The bitmap's header, of which an old form is shorter; a height below zero means that rows come from the top.
    private static func bmp(_ bytes: HeadBytes) -> (Int, Int)? {
        guard let header = bytes.little(4, at: 14) else {
            return nil
        }
        if header == 12 {
            guard let width = bytes.little(2, at: 18), let height = bytes.little(2, at: 20) else {
                return nil
            }
            return (width, height)
        }
        guard let width = bytes.little(4, at: 18), let height = bytes.little(4, at: 22) else {
            return nil
        }
        return (signed(width), abs(signed(height)))
    }

    private static func signed(_ value: Int) -> Int {
        Int(Int32(truncatingIfNeeded: value))
    }

    /// One of three kinds of first chunk. Source: RFC 9649, sections 2.5 to 2.7; RFC 6386, section 9.1.
    private static func webp(_ bytes: HeadBytes) -> (Int, Int)? {
        switch bytes.text(at: 12, count: 4) {
        case "VP8X":
            guard let width = bytes.little(3, at: 24), let height = bytes.little(3, at: 27) else {
                return nil
            }
            return (width + 1, height + 1)
        case "VP8L":
            guard bytes.little(1, at: 20) == 0x2F, let bits = bytes.little(4, at: 21) else {
                return nil
            }
            return (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
        case "VP8 ":
            guard bytes.big(3, at: 23) == 0x9D012A, let width = bytes.little(2, at: 26),
                let height = bytes.little(2, at: 28)
            else {
                return nil
            }
            return (width & 0x3FFF, height & 0x3FFF)
        default:
            return nil
        }
    }

    /// The largest frame of those before the first scan: there is one, but nothing stops a file from having more. Source:
    /// ITU-T T.81, sections B.1.1 and B.2.2.
    private static func jpeg(_ bytes: HeadBytes) -> (Int, Int)? {
        var position = 2
        var largest: (Int, Int)?
        while bytes.big(1, at: position) == 0xFF, let marker = bytes.big(1, at: position + 1) {
            switch marker {
            case 0xFF:
                // A fill byte.
                position += 1
                continue
            case 0x01, 0xD0...0xD8:
                // A marker without a segment.
                position += 2
                continue
            case 0xD9, 0xDA:
                return largest
            case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                guard let height = bytes.big(2, at: position + 5), let width = bytes.big(2, at: position + 7) else {
                    return nil
                }
                if width * height >= (largest ?? (0, 0)).0 * (largest ?? (0, 0)).1 {
                    largest = (width, height)
                }
            default: break
            }
            guard let length = bytes.big(2, at: position + 2), length >= 2 else {
                return nil
            }
            position += 2 + length
        }
        return nil
    }
}

/// Reads numbers and texts out of bytes, as far as these reach.
private struct HeadBytes {
    let bytes: [UInt8]

    /// An unsigned number, the most significant byte first.
    func big(_ count: Int, at offset: Int) -> Int? {
        range(offset, count).map { $0.reduce(0) { $0 << 8 | Int($1) } }
    }

    /// An unsigned number, the least significant byte first.
    func little(_ count: Int, at offset: Int) -> Int? {
        range(offset, count).map { $0.reversed().reduce(0) { $0 << 8 | Int($1) } }
    }

    /// ASCII.
    func text(at offset: Int, count: Int) -> String? {
        range(offset, count).map { String(decoding: $0, as: UTF8.self) }
    }

    private func range(_ offset: Int, _ count: Int) -> ArraySlice<UInt8>? {
        offset >= 0 && offset <= bytes.count - count ? bytes[offset..<offset + count] : nil
    }
}
