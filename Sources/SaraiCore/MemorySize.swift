/// A number of bytes.
///
/// Sizes are parsed once, where they enter (configuration, command line), and travel as this type, so that no
/// function has to guess whether an `Int` counts bytes, MiB or GB.
public struct MemorySize: Hashable, Sendable, Comparable, AdditiveArithmetic {
    /// Bytes. Negative only as the result of a subtraction.
    public var bytes: Int

    /// A size of `bytes` bytes.
    public init(bytes: Int) {
        self.bytes = bytes
    }

    /// No bytes.
    public static let zero = MemorySize(bytes: 0)

    /// `count` mebibytes (2^20 bytes).
    public static func mebibytes(_ count: Int) -> MemorySize {
        MemorySize(bytes: count << 20)
    }

    /// `count` gibibytes (2^30 bytes).
    public static func gibibytes(_ count: Int) -> MemorySize {
        MemorySize(bytes: count << 30)
    }

    public static func < (lhs: MemorySize, rhs: MemorySize) -> Bool {
        lhs.bytes < rhs.bytes
    }

    public static func + (lhs: MemorySize, rhs: MemorySize) -> MemorySize {
        MemorySize(bytes: lhs.bytes + rhs.bytes)
    }

    public static func - (lhs: MemorySize, rhs: MemorySize) -> MemorySize {
        MemorySize(bytes: lhs.bytes - rhs.bytes)
    }
}

extension MemorySize {
    /// The units a size may be written with, and the bytes each stands for.
    ///
    /// `GB` is 10^9 and `GiB` is 2^30, as the SI and IEC say; a single letter is the binary unit.
    private static let units: [(suffix: String, bytes: Double)] = [
        ("KIB", 1024), ("MIB", 1_048_576), ("GIB", 1_073_741_824), ("TIB", 1_099_511_627_776),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
        ("K", 1024), ("M", 1_048_576), ("G", 1_073_741_824), ("T", 1_099_511_627_776),
        ("B", 1),
    ]

    /// Reads `700MiB`, `12 GB`, `1.5g` or a bare number; `nil` unless `text` is such a size and fits in 62 bits.
    ///
    /// - Parameters:
    ///   - text: a decimal number, optionally followed by a unit, in any case.
    ///   - defaultUnit: the bytes that one unit of a bare number stands for.
    public init?(parsing text: String, defaultUnit: MemorySize = MemorySize(bytes: 1)) {
        var number = text.filter { !$0.isWhitespace }.uppercased()
        var factor = Double(defaultUnit.bytes)
        if let unit = Self.units.first(where: { number.hasSuffix($0.suffix) }) {
            number.removeLast(unit.suffix.count)
            factor = unit.bytes
        }
        guard !number.isEmpty, number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let value = Double(number)
        else {
            return nil
        }
        let bytes = (value * factor).rounded()
        guard bytes < 0x1p62 else {
            return nil
        }
        self.init(bytes: Int(bytes))
    }
}

extension MemorySize: CustomStringConvertible {
    /// The size for a person, in binary units with three significant digits: `96 KiB`, `4.36 GiB`.
    public var description: String {
        let magnitude = Double(bytes.magnitude)
        let sign = bytes < 0 ? "-" : ""
        let (value, unit): (Double, String) =
            switch magnitude {
            case ..<1024: (magnitude, "B")
            case ..<1_048_576: (magnitude / 1024, "KiB")
            case ..<1_073_741_824: (magnitude / 1_048_576, "MiB")
            default: (magnitude / 1_073_741_824, "GiB")
            }
        let decimals = unit == "B" || value >= 100 ? 0 : value >= 10 ? 1 : 2
        return "\(sign)\(value.formatted(decimals: decimals)) \(unit)"
    }
}

extension MemorySize: Codable {
    /// A size is coded as its number of bytes.
    public init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}
