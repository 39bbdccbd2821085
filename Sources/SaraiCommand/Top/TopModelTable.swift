import SaraiCore
import SaraiPool

/// Draws a line for each model, with as many columns as the terminal has room for.
struct TopModelTable {
    /// A column.
    private struct Column {
        let title: String
        var width: Int
        var isNumeric = true
        /// Those with the highest number go first when there is no room.
        let rank: Int
        let cell: (PoolSnapshot.Model) -> (text: String, tone: TextStyle.Tone)
    }

    private let state: TopState
    private let width: Int

    /// Spaces between columns, and in front of the first.
    private static let gap = 2
    /// Columns of a target's name; it gets what is left.
    private static let targetWidths = 12...44
    private static let targetTitle = "TARGET"

    init(_ state: TopState, width: Int) {
        self.state = state
        self.width = width
    }

    /// The head and the models, of which those around the chosen one are shown where not all are.
    func lines(atMost room: Int) -> [StyledLine] {
        guard room > 1 else {
            return []
        }
        let columns = columns
        let models = state.models
        let count = min(models.count, room - 1)
        let chosen = models.firstIndex { $0.name == state.selected?.name } ?? 0
        let first = min(max(0, chosen - count / 2), models.count - count)
        return [head(columns)]
            + models[first..<(first + count)].map { line($0, columns, isChosen: $0.name == state.selected?.name) }
    }

    private func head(_ columns: [Column]) -> StyledLine {
        let cells = columns.map { $0.title.fitted(to: $0.width, isNumeric: $0.isNumeric) }
        return StyledLine(([""] + cells).joined(separator: "  "), .faint)
    }

    private func line(_ model: PoolSnapshot.Model, _ columns: [Column], isChosen: Bool) -> StyledLine {
        var line = StyledLine()
        for (index, column) in columns.enumerated() {
            let (text, tone) = column.cell(model)
            line.add(index == 0 ? (isChosen ? "> " : "  ") : "  ")
            line.add(text.fitted(to: column.width, isNumeric: column.isNumeric), tone)
        }
        return isChosen ? line.marked(.chosen, width: width) : line
    }

    /// The columns that there is room for.
    private var columns: [Column] {
        var columns = all
        func used() -> Int { columns.reduce(0) { $0 + $1.width + Self.gap } }
        while used() > width, let last = columns.indices.max(by: { columns[$0].rank < columns[$1].rank }),
            columns.count > 1
        {
            columns.remove(at: last)
        }
        if let target = columns.firstIndex(where: { $0.title == Self.targetTitle }) {
            columns[target].width = min(columns[target].width + width - used(), Self.targetWidths.upperBound)
        }
        return columns
    }

    private var all: [Column] {
        let rates = state.rates
        let name = min(24, max(5, state.models.map(\.name.displayWidth).max() ?? 0))
        return [
            Column(title: "MODEL", width: name, isNumeric: false, rank: 0) { ($0.name, .strong) },
            Column(title: "STATE", width: 12, isNumeric: false, rank: 1) { $0.stateCell },
            Column(title: Self.targetTitle, width: Self.targetWidths.lowerBound, isNumeric: false, rank: 6) { model in
                (model.brief(model.target), .plain)
            },
            Column(title: "RUN", width: 3, rank: 4) { Self.count($0.inFlight) },
            Column(title: "QUEUE", width: 5, rank: 5) { model in
                (Self.count(model.queued).text, model.queued > 0 ? .caution : .faint)
            },
            Column(title: "TOK/S", width: 6, rank: 3) { Self.figure(rates[$0.name]?.tokensPerSecond, decimals: 1) },
            Column(title: "FIRST", width: 7, rank: 7) { Self.seconds(rates[$0.name]?.firstTokenSeconds) },
            Column(title: "ANSWER", width: 7, rank: 9) { Self.seconds(rates[$0.name]?.requestSeconds) },
            Column(title: "MEMORY", width: 8, rank: 2) { model in
                model.memory > 0 ? ("\(MemorySize(bytes: model.memory))", .plain) : ("–", .faint)
            },
            Column(title: "PREDICTED", width: 9, rank: 10) { model in
                (model.predictedBytes.map { "\(MemorySize(bytes: $0))" } ?? "–", .faint)
            },
            Column(title: "STAYS", width: 8, isNumeric: false, rank: 8) { ($0.stay, .faint) },
        ]
    }

    private static func count(_ number: Int) -> (text: String, tone: TextStyle.Tone) {
        ("\(number)", number > 0 ? .plain : .faint)
    }

    private static func figure(_ number: Double?, decimals: Int) -> (text: String, tone: TextStyle.Tone) {
        guard let number else {
            return ("–", .faint)
        }
        return (number.formatted(decimals: decimals), number > 0 ? .plain : .faint)
    }

    private static func seconds(_ number: Double?) -> (text: String, tone: TextStyle.Tone) {
        (number.map { Duration.seconds($0).text } ?? "–", number == nil ? .faint : .plain)
    }
}

extension PoolSnapshot.Model {
    fileprivate var stateCell: (text: String, tone: TextStyle.Tone) {
        let progress = targets.first { $0.id == target }?.progress
        return (state.words(progress: progress), state.tone)
    }

    /// How long it stays loaded, in a word; nothing where it is not loaded here.
    fileprivate var stay: String {
        guard pid != nil else {
            return pinned ? "pinned" : ""
        }
        if pinned {
            return "pinned"
        }
        return expiresIn.map { "\(max(0, $0).formatted(decimals: 0)) s" } ?? (held ? "always" : "for now")
    }
}

extension PoolSnapshot.State {
    /// The state in words.
    func words(progress: Double?) -> String {
        self == .loading ? progress.map { "loading \(Int($0 * 100)) %" } ?? "loading" : rawValue
    }

    /// How good or bad it is.
    var tone: TextStyle.Tone {
        switch self {
        case .ready: .good
        case .failed: .bad
        case .loading, .draining: .caution
        case .unloaded: .faint
        }
    }
}
