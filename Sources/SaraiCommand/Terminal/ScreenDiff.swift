/// Writes frames to a terminal: of each only what differs from the one before it, so that nothing flickers.
struct ScreenDiff {
    private var shown: [StyledLine] = []
    private var isBlank = true

    /// Forgets what is shown: the terminal was resized or used by others.
    mutating func invalidate() {
        isBlank = true
        shown = []
    }

    /// What to write for a frame, in one piece. Empty if nothing differs.
    ///
    /// - Parameters:
    ///   - lines: the whole frame, none of them wider than the terminal.
    ///   - width: columns of the terminal.
    ///   - style: colours or none.
    /// - Returns: sequences of ECMA-48; the private mode 2026 has terminals that know it show all at once.
    mutating func update(to lines: [StyledLine], width: Int, style: TextStyle) -> String {
        var changes = isBlank ? "\u{1B}[2J" : ""
        for index in 0..<max(lines.count, shown.count) {
            let line = lines.indices.contains(index) ? lines[index] : StyledLine()
            guard isBlank || !shown.indices.contains(index) || shown[index] != line else {
                continue
            }
            // After a full line the cursor is still on its last column, which would be cleared.
            let clearing = line.width < width ? "\u{1B}[K" : ""
            changes += "\u{1B}[\(index + 1);1H\(line.rendered(style))\(clearing)"
        }
        shown = lines
        isBlank = false
        return changes.isEmpty ? "" : "\u{1B}[?2026h\(changes)\u{1B}[?2026l"
    }
}
