import Foundation
import SaraiCore
import SaraiMemory
import SaraiPool

/// Draws what `sarai top` knows. Pure: a state goes in, lines come out, none wider than the terminal.
struct TopFrame {
    let state: TopState
    /// Columns of the terminal.
    let width: Int
    /// Lines of the terminal; `nil` where there may be any number.
    let height: Int?
    /// Of the person who reads it.
    let zone: TimeZone

    /// Narrower terminals get lines that are cut off.
    private static let minimumWidth = 20

    /// A frame.
    init(_ state: TopState, width: Int, height: Int?, zone: TimeZone = .current) {
        self.state = state
        self.width = max(Self.minimumWidth, width)
        self.height = height
        self.zone = zone
    }

    /// The frame, from top to bottom; exactly as many lines as the terminal has.
    var lines: [StyledLine] {
        guard let snapshot = state.snapshot else {
            return filled([header], last: footer)
        }
        let memory = TopMemoryBar(snapshot, width: width)
        let head = [header, memory.figures, memory.bar, memory.legend, StyledLine()]
        let footer = overlay + [footer]
        // What is left below the head: first for the models, then for the chosen one, then for what happened.
        let room = height.map { max(0, $0 - head.count - footer.count) } ?? .max
        let models = TopModelTable(state, width: width).lines(atMost: room)
        var body = models
        for part in [detail, events(atMost: room == .max ? 10 : room)] where room - body.count > 2 && !part.isEmpty {
            body += ([StyledLine()] + part).prefix(room == .max ? part.count + 1 : room - body.count)
        }
        return filled(head + body, last: footer)
    }

    private func filled(_ lines: [StyledLine], last: [StyledLine]) -> [StyledLine] {
        guard let height else {
            return (lines + (state.overlay == nil ? [] : last)).map { $0.cut(to: width) }
        }
        let space = max(0, height - lines.count - last.count)
        let all = lines.prefix(max(0, height - last.count)) + Array(repeating: StyledLine(), count: space) + last
        return all.suffix(height).map { $0.cut(to: width) }
    }

    private func filled(_ lines: [StyledLine], last: StyledLine) -> [StyledLine] {
        filled(lines, last: [last])
    }

    private var header: StyledLine {
        var line = StyledLine("Sarai", .strong)
        line.add(" at \(state.address)")
        if case .lost(let reason) = state.connection {
            line.add("  reconnecting: \(reason)", .bad)
            return line
        }
        guard let snapshot = state.snapshot else {
            line.add("  connecting", .faint)
            return line
        }
        let isCalm = snapshot.pressure == .calm
        let pressure = isCalm ? "memory calm" : "memory pressure: \(snapshot.pressure.rawValue)"
        let cores = "cores \(snapshot.cores.active) of \(snapshot.cores.usable)"
        let space = width - line.width - pressure.displayWidth - cores.displayWidth - 3
        line.add(String(repeating: " ", count: max(2, space)))
        line.add(pressure, isCalm ? .good : .bad)
        line.add("   \(cores)", snapshot.cores.active > 0 ? .plain : .faint)
        return line
    }

    /// What is to be said of the chosen model beyond its line.
    private var detail: [StyledLine] {
        state.selected.map { TopModelDetail($0).lines } ?? []
    }

    private func events(atMost room: Int) -> [StyledLine] {
        state.events.suffix(max(0, min(room, state.events.count))).map { event in
            var line = StyledLine(event.when(in: zone, isBrief: true), .faint)
            line.add("  \(event.body.place.fitted(to: min(28, max(8, width / 3))))  ", .strong)
            line.add(event.body.what, event.body.tone)
            line.add(event.body.why.map { ": \($0)" } ?? "")
            return line
        }.reversed()
    }

    private var overlay: [StyledLine] {
        switch state.overlay {
        case nil: []
        case .question(let command): [StyledLine(Self.question(command), .caution)]
        case .help: Self.help.map { StyledLine($0) }
        }
    }

    private var footer: StyledLine {
        if let (text, tone) = state.notice {
            return StyledLine(text, tone)
        }
        if state.overlay != nil {
            return StyledLine("any other key: back", .faint)
        }
        return StyledLine(
            "q quit  ↑↓ choose  l load  u unload  p pin  s sort: \(state.order.rawValue)  ? help", .faint)
    }

    private static func question(_ command: TopState.Command) -> String {
        switch command {
        case .load(let model): "Load \(model)?  y: yes"
        case .unload(let model): "Unload \(model)? Its memory is free when its running answers are over.  y: yes"
        case .pin(let model, let isPinned): "\(isPinned ? "Pin" : "Unpin") \(model)?  y: yes"
        }
    }

    private static let help = [
        "↑ ↓ j k       choose a model; PgUp, PgDn, Home, End too",
        "l             load it on the daemon's machine",
        "u             unload it, after a question",
        "p             pin it, so that nothing makes it give way, or no longer",
        "s             sort by the configuration, memory, speed, queue, name",
        "Ctrl-L        draw everything anew",
        "Ctrl-Z        back to the shell; 'fg' comes back",
        "q Ctrl-C      quit",
        "TOK/S is of the last 5 seconds; FIRST and ANSWER are averages, of those or of all the time.",
    ]
}
