/// A table for people: columns aligned, two spaces between them, no lines.
struct TextTable {
    /// One column.
    struct Column {
        let title: String
        let isNumeric: Bool

        /// A column of texts, aligned to the left.
        static func text(_ title: String) -> Column {
            Column(title: title, isNumeric: false)
        }

        /// A column of figures, aligned to the right.
        static func number(_ title: String) -> Column {
            Column(title: title, isNumeric: true)
        }
    }

    /// One cell.
    struct Cell {
        let text: String
        let tone: TextStyle.Tone

        /// A cell; what is not known or does not apply is a dash.
        init(_ text: String?, _ tone: TextStyle.Tone = .plain) {
            self.text = text ?? "–"
            self.tone = text == nil ? .faint : tone
        }
    }

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// An empty table. Columns without a title make one without a head.
    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row: a cell for each column.
    mutating func add(_ row: [Cell]) {
        rows.append(row)
    }

    /// The lines of the table, each with a newline.
    func text(_ style: TextStyle) -> String {
        let head = columns.map { Cell($0.title, .faint) }
        let lines = (columns.allSatisfy { $0.title.isEmpty } ? [] : [head]) + rows
        let widths = columns.indices.map { index in lines.map { $0[index].text.count }.max() ?? 0 }
        return lines.map { line(of: $0, widths: widths, style) + "\n" }.joined()
    }

    private func line(of cells: [Cell], widths: [Int], _ style: TextStyle) -> String {
        // Behind the last cell that shows anything nothing is padded, so that no line ends in spaces.
        let shown = cells.reversed().drop { $0.text.isEmpty }.count
        return zip(cells, columns).prefix(shown).enumerated().map { index, pair in
            let (cell, column) = pair
            let padding = String(repeating: " ", count: widths[index] - cell.text.count)
            let text = style(cell.text, cell.tone)
            if column.isNumeric {
                return padding + text
            }
            return index == shown - 1 ? text : text + padding
        }.joined(separator: "  ")
    }
}
