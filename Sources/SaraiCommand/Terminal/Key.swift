/// A key that was pressed.
enum Key: Hashable, Sendable {
    case character(Character)
    case up, down, pageUp, pageDown, home, end, enter, escape
    /// With the control key.
    case control(Character)
}

/// Makes keys of what a terminal sends.
struct KeyReader: Sendable {
    /// The beginning of a character or a sequence of which the rest is still to come.
    private var pending: [UInt8] = []

    /// A reader that has read nothing.
    init() {}

    /// Takes bytes.
    ///
    /// - Parameter bytes: as they came. What comes in one piece belongs together: a lone escape is the key.
    /// - Returns: the keys. Sequences of keys that are not used here are swallowed whole.
    mutating func read(_ bytes: some Sequence<UInt8>) -> [Key] {
        var rest = (pending + bytes)[...]
        pending = []
        var keys: [Key] = []
        while let first = rest.first {
            if first == 0x1B {
                keys += Self.escape(&rest)
            } else if first < 0x80 {
                rest.removeFirst()
                keys += Self.ascii(first).map { [$0] } ?? []
            } else {
                guard let character = Self.character(&rest) else {
                    pending = Array(rest)
                    break
                }
                keys.append(.character(character))
            }
        }
        return keys
    }

    private static func ascii(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0A, 0x0D: .enter
        case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
        case 0x20...0x7E: .character(Character(Unicode.Scalar(byte)))
        default: nil
        }
    }

    /// A sequence that begins with an escape: `ESC [ … letter` or `ESC O letter`. Source: ECMA-48, 5.4; xterm.
    private static func escape(_ rest: inout ArraySlice<UInt8>) -> [Key] {
        rest.removeFirst()
        guard let second = rest.first, second == UInt8(ascii: "[") || second == UInt8(ascii: "O") else {
            return [.escape]
        }
        rest.removeFirst()
        let parameters = rest.prefix { (0x20...0x3F).contains($0) }
        rest = rest.dropFirst(parameters.count)
        guard let last = rest.popFirst() else {
            return []
        }
        let key: Key? =
            switch (last, String(decoding: parameters, as: UTF8.self)) {
            case (UInt8(ascii: "A"), ""): .up
            case (UInt8(ascii: "B"), ""): .down
            case (UInt8(ascii: "H"), ""), (UInt8(ascii: "~"), "1"), (UInt8(ascii: "~"), "7"): .home
            case (UInt8(ascii: "F"), ""), (UInt8(ascii: "~"), "4"), (UInt8(ascii: "~"), "8"): .end
            case (UInt8(ascii: "~"), "5"): .pageUp
            case (UInt8(ascii: "~"), "6"): .pageDown
            default: nil
            }
        return key.map { [$0] } ?? []
    }

    /// The character at the beginning; `nil` where its end is still to come.
    private static func character(_ rest: inout ArraySlice<UInt8>) -> Character? {
        let first = rest.first ?? 0
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
        guard rest.count >= length else {
            return nil
        }
        let text = String(decoding: rest.prefix(length), as: UTF8.self)
        rest = rest.dropFirst(length)
        return text.first ?? "\u{FFFD}"
    }
}
