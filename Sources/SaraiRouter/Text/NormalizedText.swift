import Foundation

/// What n-grams are taken from: the beginning of a text in lower case, without accents, with single spaces, and one
/// before and after.
///
/// `training/ngrams.py` does the same, to the scalar.
struct NormalizedText {
    /// Scalars of a text that are looked at; the rest says little that its beginning does not.
    static let length = 512

    /// The text in UTF-8.
    private(set) var bytes: [UInt8] = []
    /// Where in ``bytes`` each Unicode scalar begins, and where the last one ends.
    private(set) var offsets: [Int] = [0]
    /// Where in ``bytes`` the words are: the runs of letters and digits.
    private(set) var words: [Range<Int>] = []

    /// Normalises a text.
    init(_ text: String) {
        bytes.reserveCapacity(2 * Self.length)
        offsets.reserveCapacity(Self.length + 3)
        append(" ")
        for scalar in Self.bare(text).unicodeScalars {
            if !scalar.isSpace {
                append(scalar)
            } else if bytes.last != UInt8(ascii: " ") {
                append(" ")
            }
        }
        if offsets.count == 2 || bytes.last != UInt8(ascii: " ") {
            append(" ")
        }
    }

    /// The beginning of a text in lower case, without accents.
    private static func bare(_ text: String) -> String {
        var lowered = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(length) {
            if scalar.isASCII {
                lowered.append(scalar.lowercasedASCII)
            } else {
                lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        guard !lowered.allSatisfy(\.isASCII) else {
            return String(lowered)
        }
        var bare = String(lowered).decomposedStringWithCanonicalMapping.unicodeScalars
        bare.removeAll { scalar in
            guard !scalar.isASCII else {
                return false
            }
            return switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark: true
            default: false
            }
        }
        return String(bare)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        let start = bytes.count
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        offsets.append(bytes.count)
        guard scalar.isLetterOrDigit else {
            return
        }
        if let last = words.last, last.upperBound == start {
            words[words.count - 1] = last.lowerBound..<bytes.count
        } else {
            words.append(start..<bytes.count)
        }
    }
}

/// Nearly all that people write is ASCII, for which Unicode's tables are ten times as slow as comparisons.
extension Unicode.Scalar {
    fileprivate var isSpace: Bool {
        isASCII ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
    }

    /// Of an ASCII character.
    fileprivate var lowercasedASCII: Self {
        ("A"..."Z").contains(self) ? Self(UInt8(value) + 0x20) : self
    }

    fileprivate var isLetterOrDigit: Bool {
        guard !isASCII else {
            return ("a"..."z").contains(self) || ("A"..."Z").contains(self) || ("0"..."9").contains(self)
        }
        switch properties.generalCategory {
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            return true
        default:
            return false
        }
    }
}
