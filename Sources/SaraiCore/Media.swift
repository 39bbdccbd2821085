import FoundationEssentials

/// An image, a sound or a video inside a message, as its file's bytes in base64.
///
/// The bytes stay in base64 from the client to the worker: both ends speak it, and nothing between needs the pixels.
public struct Media: Hashable, Sendable {
    /// The file formats that workers decode.
    public enum Format: String, Sendable, CaseIterable {
        case png, jpeg, gif, webp, bmp
        case wav, mp3, flac
        case mp4, webm

        /// What a file of this format is.
        public var kind: Kind {
            switch self {
            case .png, .jpeg, .gif, .webp, .bmp: .image
            case .wav, .mp3, .flac: .audio
            case .mp4, .webm: .video
            }
        }
    }

    /// What a file is.
    public enum Kind: String, Sendable, CaseIterable {
        case image, audio, video

        /// The formats of this kind, for messages: `wav, mp3, flac`.
        public var formats: String {
            Format.allCases.filter { $0.kind == self }.map(\.rawValue).joined(separator: ", ")
        }
    }

    /// What the file is.
    public var kind: Kind { format.kind }

    /// The format, recognised from the file's first bytes, never from what the client calls it.
    public let format: Format
    /// The file in base64, without a `data:` prefix.
    public let base64: String

    /// Takes base64 as clients send it: bare, or as a `data:` URL.
    ///
    /// - Returns: `nil` if `text` is not base64 of a file in one of ``Format/allCases``.
    public init?(base64OrDataURL text: String) {
        var payload = Substring(text)
        if text.hasPrefix("data:") {
            guard let comma = text.firstIndex(of: ","), text[..<comma].hasSuffix(";base64") else {
                return nil
            }
            payload = text[text.index(after: comma)...]
        }
        guard payload.utf8.allSatisfy(Self.isBase64Digit), payload.utf8.count.isMultiple(of: 4),
            let head = Data(base64Encoded: String(payload.prefix(24))), let format = Format(magic: Array(head))
        else {
            return nil
        }
        self.format = format
        base64 = String(payload)
    }

    /// Takes a file's bytes.
    ///
    /// - Returns: `nil` if they are not a file in one of ``Format/allCases``.
    public init?(file: [UInt8]) {
        guard let format = Format(magic: Array(file.prefix(18))) else {
            return nil
        }
        self.format = format
        base64 = Data(file).base64EncodedString()
    }

    /// The file's bytes; `nil` if the digits that it came in are none of base64.
    package var bytes: [UInt8]? {
        Data(base64Encoded: base64).map(Array.init)
    }

    /// The worker decodes; here it is enough that no byte can break out of the JSON string that carries the payload.
    private static func isBase64Digit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }
}

extension Media.Format {
    /// Recognises a file format by its first bytes.
    ///
    /// - Parameter magic: the first 16 bytes or more. Source: each format's specification.
    init?(magic: [UInt8]) {
        func starts(_ text: String, at offset: Int = 0) -> Bool {
            magic.dropFirst(offset).starts(with: text.utf8)
        }
        if magic.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            self = .png
        } else if magic.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if starts("GIF8") {
            self = .gif
        } else if starts("RIFF"), starts("WEBP", at: 8) {
            self = .webp
        } else if starts("RIFF"), starts("WAVE", at: 8) {
            self = .wav
        } else if starts("ftyp", at: 4) {
            self = .mp4
        } else if magic.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
            self = .webm
        } else if starts("fLaC") {
            self = .flac
        } else if starts("ID3") || (magic.count > 1 && magic[0] == 0xFF && magic[1] & 0xE6 == 0xE2) {
            self = .mp3
        } else if starts("BM") {
            self = .bmp
        } else {
            return nil
        }
    }
}
