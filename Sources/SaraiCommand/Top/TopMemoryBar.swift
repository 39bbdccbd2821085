import SaraiCore
import SaraiPool

/// Draws the budget: who has how much of it, of what kind, and what is left.
struct TopMemoryBar {
    /// A kind of memory, as the bar tells it apart.
    enum Kind: String, CaseIterable {
        case weights = "█"
        case context = "▓"
        case compute = "▒"
        case other = "░"
        case held = "-"
        case free = "·"

        /// For the legend.
        var name: String {
            switch self {
            case .weights: "weights"
            case .context: "context"
            case .compute: "compute"
            case .other: "other"
            case .held: "held for twins"
            case .free: "free"
            }
        }
    }

    /// A stretch of the bar.
    private struct Part {
        let kind: Kind
        let tone: TextStyle.Tone
        let bytes: Int
    }

    private let snapshot: PoolSnapshot
    private let width: Int
    /// Those that have memory, with their tones.
    private let loaded: [(model: PoolSnapshot.Model, tone: TextStyle.Tone)]

    init(_ snapshot: PoolSnapshot, width: Int) {
        self.snapshot = snapshot
        self.width = width
        loaded = snapshot.models.enumerated().filter { $0.element.memory > 0 }.map { ($0.element, .part($0.offset)) }
    }

    /// The figures, in a line.
    var figures: StyledLine {
        let size = { (bytes: Int) in "\(MemorySize(bytes: bytes))" }
        let share = snapshot.budgetBytes > 0 ? snapshot.reservedBytes * 100 / snapshot.budgetBytes : 0
        var line = StyledLine("Memory ")
        line.add("\(size(snapshot.reservedBytes)) reserved", share >= 98 ? .caution : .strong)
        line.add(
            " of \(size(snapshot.budgetBytes)) (\(share) %); measured \(size(snapshot.residentBytes)), "
                + "\(size(snapshot.hardBytes)) private")
        return line
    }

    /// The bar, as wide as the terminal.
    var bar: StyledLine {
        let parts = parts
        let total = max(snapshot.budgetBytes, parts.reduce(0) { $0 + $1.bytes }, 1)
        var line = StyledLine()
        var sum = 0
        for part in parts + [Part(kind: .free, tone: .faint, bytes: total - parts.reduce(0) { $0 + $1.bytes })] {
            // Ends, not lengths, are rounded: the bar is always as wide as the terminal.
            let start = place(of: sum, in: total)
            sum += part.bytes
            line.add(String(repeating: part.kind.rawValue, count: place(of: sum, in: total) - start), part.tone)
        }
        return line
    }

    /// What the bar's colours and signs mean.
    var legend: StyledLine {
        var line = StyledLine()
        for (model, tone) in loaded {
            line.add("\(model.name) ", tone)
            line.add("\(MemorySize(bytes: model.memory))  ")
        }
        let signs = Kind.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: "  ")
        let space = width - line.width - signs.displayWidth
        if space >= 0 {
            line.add(String(repeating: " ", count: space) + signs, .faint)
        }
        return line
    }

    private var parts: [Part] {
        let models = loaded.flatMap { model, tone in
            model.parts.map { Part(kind: $0.kind, tone: tone, bytes: $0.bytes) }
        }
        let daemon = Part(kind: .other, tone: .plain, bytes: snapshot.daemonBytes)
        let taken = (models + [daemon]).reduce(0) { $0 + $1.bytes }
        return models + [daemon, Part(kind: .held, tone: .faint, bytes: max(0, snapshot.reservedBytes - taken))]
    }

    private func place(of bytes: Int, in total: Int) -> Int {
        Int((Double(bytes) / Double(total) * Double(width)).rounded())
    }
}

extension PoolSnapshot.Model {
    /// What it takes by kind, together ``memory``.
    fileprivate var parts: [(kind: TopMemoryBar.Kind, bytes: Int)] {
        guard let kinds = predictedKinds else {
            return [(.other, memory)]
        }
        let known: [(kind: TopMemoryBar.Kind, bytes: Int)] = [
            (.weights, kinds.weightsMapped + kinds.weightsPrivate + kinds.projector),
            (.context, kinds.kv + kinds.promptCache),
            (.compute, kinds.compute),
        ]
        let rest = memory - known.reduce(0) { $0 + $1.bytes }
        return known + [(.other, max(0, rest))]
    }
}
