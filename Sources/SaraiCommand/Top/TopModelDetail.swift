import SaraiCore
import SaraiPool

/// Draws what there is to say of one model beyond its line: its targets and its memory by kind.
struct TopModelDetail {
    private let model: PoolSnapshot.Model

    init(_ model: PoolSnapshot.Model) {
        self.model = model
    }

    /// The lines.
    var lines: [StyledLine] {
        var head = StyledLine(model.name, .strong)
        head.add("  \(model.role)\(model.resident ? ", resident" : "")", .faint)
        head.add(model.settings.map { "  \($0)" } ?? "", .faint)
        return [head] + model.targets.map(line) + queue + memory
    }

    private func line(_ target: PoolSnapshot.Target) -> StyledLine {
        let width = model.targets.map { model.brief($0.id).displayWidth }.max() ?? 0
        var line = StyledLine("  \(model.brief(target.id).fitted(to: width))  ")
        line.add(target.state.words(progress: target.progress).fitted(to: 12), target.state.tone)
        line.add("  \(target.inFlight) of \(target.capacity)", target.inFlight > 0 ? .plain : .faint)
        line.add(target.server.map { "  \(Self.health($0))" } ?? "", .faint)
        line.add(target.reason.map { "  \($0)" } ?? "", .caution)
        return line
    }

    private static func health(_ server: PoolSnapshot.ServerHealth) -> String {
        var parts = ["breaker \(server.breaker)"]
        if let rest = server.restsForSeconds {
            parts.append("rests for \(rest.formatted(decimals: 0)) s")
        }
        if server.isLoaded {
            parts.append("loaded there")
        }
        if let seconds = server.firstByteSeconds {
            parts.append("answers in \(Duration.seconds(seconds).text)")
        }
        return parts.joined(separator: ", ")
    }

    /// Who waits, in the order in which they are served.
    private var queue: [StyledLine] {
        guard !model.queue.isEmpty else {
            return []
        }
        var line = StyledLine("  waiting  ", .faint)
        let names = model.queue.map { waiting in
            "\(waiting.client.isEmpty ? "somebody" : waiting.client) \(Duration.seconds(waiting.waitedSeconds).text)"
        }
        line.add(names.joined(separator: ", "), .caution)
        return [line]
    }

    private var memory: [StyledLine] {
        var lines: [StyledLine?] = []
        if let kinds = model.predictedKinds {
            lines.append(
                Self.line(
                    "predicted",
                    [
                        ("weights mapped", kinds.weightsMapped), ("private", kinds.weightsPrivate), ("kv", kinds.kv),
                        ("compute", kinds.compute), ("projector", kinds.projector),
                        ("prompt cache", kinds.promptCache), ("process", kinds.overhead),
                    ]))
        }
        if let kinds = model.measuredKinds {
            lines.append(
                Self.line(
                    "measured",
                    [
                        ("files", kinds.modelFiles), ("private", kinds.anonymous), ("program", kinds.program),
                        ("page cache", kinds.pageCache),
                    ]))
        }
        return lines.compactMap(\.self)
    }

    /// The kinds of which there is something; no line where there is nothing of any.
    private static func line(_ title: String, _ kinds: [(name: String, bytes: Int)]) -> StyledLine? {
        let shown = kinds.filter { $0.bytes > 0 }.map { "\($0.name) \(MemorySize(bytes: $0.bytes))" }
        guard !shown.isEmpty else {
            return nil
        }
        var line = StyledLine("  \(title)  ", .faint)
        line.add(shown.joined(separator: ", "))
        return line
    }
}
