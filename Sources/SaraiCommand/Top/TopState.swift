import SaraiPool

/// Everything that `sarai top` shows, and what its keys do. Pure: it is told what was seen and pressed.
struct TopState: Sendable {
    /// Whether the daemon answers.
    enum Connection: Hashable, Sendable {
        case connected
        /// Why not, for a person. What is shown is old.
        case lost(String)
    }

    /// The order of the models.
    enum Order: String, CaseIterable, Sendable {
        case configuration, memory, speed, queue, name
    }

    /// What a key asks of the daemon.
    enum Command: Hashable, Sendable {
        case load(String), unload(String)
        case pin(String, Bool)

        /// The model concerned.
        var model: String {
            switch self {
            case .load(let model), .unload(let model), .pin(let model, _): model
            }
        }
    }

    /// What is to be done after a key.
    enum Action: Hashable, Sendable {
        case quit
        case perform(Command)
        /// Draw everything anew.
        case redraw
        /// Give the terminal back to the shell, until that gives it again.
        case suspend
    }

    /// What covers the bottom of the screen, if anything does.
    enum Overlay: Hashable, Sendable {
        case help
        /// A question that `y` answers with yes.
        case question(Command)
    }

    /// The daemon's address.
    let address: String
    private(set) var snapshot: PoolSnapshot?
    private(set) var rates: [String: TopRates] = [:]
    /// What happened, the latest last.
    private(set) var events: [PoolEvent] = []
    private(set) var connection = Connection.connected
    private(set) var order = Order.configuration
    /// The name of the chosen model.
    private(set) var selection: String?
    private(set) var overlay: Overlay?
    /// What became of the last command; `nil` when there is nothing to say.
    private(set) var notice: (text: String, tone: TextStyle.Tone)?
    private var history = TopHistory()

    /// Events that are kept: more than any screen shows.
    private static let maximumEvents = 200

    /// A state in which nothing was seen.
    init(address: String) {
        self.address = address
    }

    /// The models in the order in which they are shown.
    var models: [PoolSnapshot.Model] {
        let models = snapshot?.models ?? []
        func sorted(by value: (PoolSnapshot.Model) -> Double) -> [PoolSnapshot.Model] {
            // In the configuration's order where there is nothing between them.
            models.enumerated().sorted { first, second in
                let (one, other) = (value(first.element), value(second.element))
                return one == other ? first.offset < second.offset : one > other
            }.map(\.element)
        }
        return switch order {
        case .configuration: models
        case .memory: sorted { Double($0.memory) }
        case .speed: sorted { rates[$0.name]?.tokensPerSecond ?? 0 }
        case .queue: sorted { Double($0.queued + $0.inFlight) }
        case .name: models.sorted { $0.name < $1.name }
        }
    }

    /// The chosen model.
    var selected: PoolSnapshot.Model? {
        models.first { $0.name == selection } ?? models.first
    }

    /// The daemon was looked at.
    mutating func saw(_ snapshot: PoolSnapshot, at now: ContinuousClock.Instant) {
        connection = .connected
        rates = history.add(snapshot, at: now)
        self.snapshot = snapshot
        if selected?.name != selection {
            selection = selected?.name
        }
    }

    /// Something happened there.
    mutating func happened(_ event: PoolEvent) {
        // A daemon that was started anew counts from 1, and what the old one told is history.
        if let last = events.last, event.id <= last.id {
            events = []
        }
        events.append(event)
        events.removeFirst(max(0, events.count - Self.maximumEvents))
    }

    /// The daemon does not answer.
    mutating func lost(_ reason: String) {
        connection = .lost(reason)
        history.forget()
    }

    /// A command is on its way.
    mutating func began(_ command: Command) {
        switch command {
        case .load(let model): notice = ("loading \(model) …", .caution)
        case .unload(let model): notice = ("unloading \(model) …", .caution)
        case .pin: break
        }
    }

    /// A command is over; `failure` says why it was in vain.
    mutating func ended(_ command: Command, failure: String?) {
        if let failure {
            notice = (failure, .bad)
            return
        }
        if case .pin(let model, let isPinned) = command,
            let index = snapshot?.models.firstIndex(where: { $0.name == model })
        {
            // Known before the next look, and the key may be pressed again before it.
            snapshot?.models[index].pinned = isPinned
        }
        switch command {
        case .load(let model): notice = ("\(model) is ready", .good)
        case .unload(let model): notice = ("\(model) ends when its running answers are over", .good)
        case .pin(let model, true): notice = ("\(model) stays in memory: nothing makes it give way", .good)
        case .pin(let model, false): notice = ("\(model) gives way again when memory is needed", .good)
        }
    }

    /// A key was pressed.
    ///
    /// - Returns: what is to be done; most keys only change what is shown.
    mutating func press(_ key: Key) -> Action? {
        if key == .control("c") {
            return .quit
        }
        if key == .control("l") {
            return .redraw
        }
        if key == .control("z") {
            return .suspend
        }
        if let overlay {
            self.overlay = nil
            if case .question(let command) = overlay {
                return answer(key, to: command)
            }
            return nil
        }
        notice = nil
        switch key {
        case .character("q"): return .quit
        case .character("?"), .character("h"): overlay = .help
        case .character("s"): turnOrder()
        case .up, .character("k"): move(by: -1)
        case .down, .character("j"): move(by: 1)
        case .pageUp: move(by: -10)
        case .pageDown: move(by: 10)
        case .home: move(by: -models.count)
        case .end: move(by: models.count)
        case .character("l"): return selected.map { .perform(.load($0.name)) }
        case .character("u"): overlay = selected.map { .question(.unload($0.name)) }
        case .character("p"): return selected.map { .perform(.pin($0.name, !$0.pinned)) }
        default: break
        }
        return nil
    }

    private mutating func answer(_ key: Key, to command: Command) -> Action? {
        guard key == .character("y") || key == .character("Y") else {
            notice = ("\(command.model) stays as it is", .faint)
            return nil
        }
        return .perform(command)
    }

    private mutating func turnOrder() {
        let all = Order.allCases
        let next = (all.firstIndex(of: order) ?? 0) + 1
        order = all[next % all.count]
    }

    private mutating func move(by distance: Int) {
        let models = models
        guard !models.isEmpty else {
            return
        }
        let place = models.firstIndex { $0.name == selection } ?? 0
        selection = models[min(max(0, place + distance), models.count - 1)].name
    }
}

extension PoolSnapshot.Model {
    /// What it takes of the budget, bytes; 0 without a worker.
    var memory: Int {
        pid == nil ? 0 : max(measuredBytes, predictedBytes ?? 0)
    }
}
