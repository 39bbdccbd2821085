extension Character {
    /// The columns of a terminal that the character takes: 0 for what is not shown, 2 for East Asian and for pictures.
    ///
    /// Sources: Unicode's EastAsianWidth (W and F) and emoji presentation; terminals measure by scalars, and the first decides.
    var displayWidth: Int {
        guard let first = unicodeScalars.first, !first.isInvisible else {
            return 0
        }
        // A variation selector asks for the picture, which is wide, instead of the sign.
        let isPicture = first.properties.isEmojiPresentation || unicodeScalars.contains { $0.value == 0xFE0F }
        return isPicture || first.isWide ? 2 : 1
    }
}

extension Unicode.Scalar {
    /// Whether it takes no column by itself.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .surrogate, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Whether it is one of the blocks that are wide as a whole.
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x16FE0...0x18D8F, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension String {
    /// The columns of a terminal that the text takes.
    var displayWidth: Int {
        reduce(0) { $0 + $1.displayWidth }
    }

    /// The text in at most so many columns; what is cut off is said by an ellipsis. Without control characters, which could move
    /// the cursor or worse.
    func cut(to width: Int) -> String {
        let shown = String(filter { $0.displayWidth > 0 })
        guard shown.displayWidth > width else {
            return shown
        }
        guard width > 0 else {
            return ""
        }
        var text = ""
        var used = 0
        for character in shown {
            guard used + character.displayWidth < width else {
                break
            }
            text.append(character)
            used += character.displayWidth
        }
        return text + "…"
    }

    /// The text in exactly so many columns.
    func fitted(to width: Int, isNumeric: Bool = false) -> String {
        let text = cut(to: width)
        let space = String(repeating: " ", count: max(0, width - text.displayWidth))
        return isNumeric ? space + text : text + space
    }
}
