import Foundation
import SaraiPool
import UnixSignals

/// `sarai top` at a terminal: shows what the daemon does, and does what keys ask, until somebody quits.
struct TopSession {
    /// What may happen next.
    private enum Input: Sendable {
        case keys([Key])
        case signal(UnixSignal)
        case snapshot(PoolSnapshot)
        case lost(String)
        case event(PoolEvent)
        case done(TopState.Command, failure: String?)
    }

    private let client: DaemonClient
    private let interval: Duration
    private let inputs: AsyncStream<Input>
    private let sender: AsyncStream<Input>.Continuation

    /// A session.
    ///
    /// - Parameters:
    ///   - client: speaks to the daemon.
    ///   - interval: between two looks.
    init(_ client: DaemonClient, interval: Duration) {
        self.client = client
        self.interval = interval
        (inputs, sender) = AsyncStream.makeStream(of: Input.self)
    }

    /// Runs until somebody quits, or a signal ends it.
    ///
    /// - Throws: ``CommandFailure`` where no daemon answers at the beginning. One that goes away later is waited for.
    func run() async throws {
        var state = TopState(address: "\(client.address)")
        state.saw(try await client.state().snapshot, at: .now)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup, .sigwinch, .sigcont)
        try await TerminalScreen.using { screen in
            readKeys()
            defer { FileHandle.standardInput.readabilityHandler = nil }
            await withDiscardingTaskGroup { group in
                group.addTask { await look() }
                group.addTask { await follow() }
                group.addTask { [sender] in
                    for await signal in signals {
                        sender.yield(.signal(signal))
                    }
                }
                show(state, on: &screen)
                for await input in inputs {
                    guard take(input, &state, &screen, perform: { command in group.addTask { await perform(command) } })
                    else {
                        break
                    }
                    show(state, on: &screen)
                }
                group.cancelAll()
            }
        }
    }

    private func show(_ state: TopState, on screen: inout TerminalScreen) {
        // As many as old terminals had, where this one does not tell.
        let (width, height) = TerminalScreen.size ?? (80, 24)
        screen.show(TopFrame(state, width: width, height: height).lines, width: width)
    }

    /// Takes what has happened.
    ///
    /// - Returns: whether to go on.
    private func take(
        _ input: Input, _ state: inout TopState, _ screen: inout TerminalScreen, perform: (TopState.Command) -> Void
    ) -> Bool {
        switch input {
        case .snapshot(let snapshot): state.saw(snapshot, at: .now)
        case .lost(let reason): state.lost(reason)
        case .event(let event): state.happened(event)
        case .done(let command, let failure): state.ended(command, failure: failure)
        case .signal(.sigwinch): screen.redraw()
        case .signal(.sigcont): screen.enter()
        case .signal: return false
        // Keys that come nevertheless mean that there is no shell that could have stopped it.
        case .keys where !screen.isShown: screen.enter()
        case .keys(let keys):
            for key in keys {
                switch state.press(key) {
                case .quit: return false
                case .redraw: screen.redraw()
                case .suspend: screen.suspend()
                case .perform(let command):
                    state.began(command)
                    perform(command)
                case nil: break
                }
            }
        }
        return true
    }

    /// Looks at the daemon again and again.
    private func look() async {
        while !Task.isCancelled {
            do {
                sender.yield(.snapshot(try await client.state().snapshot))
            } catch let failure as CommandFailure {
                sender.yield(.lost(failure.isNobodyThere ? "nobody answers" : failure.message ?? "it does not answer"))
            } catch {
                return
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Follows what happens there, also after the daemon was away.
    private func follow() async {
        while !Task.isCancelled {
            // That it is away is seen, and told, by the other loop.
            try? await client.events(of: nil, follows: true) { [sender] event, _ in sender.yield(.event(event)) }
            try? await Task.sleep(for: interval)
        }
    }

    private func perform(_ command: TopState.Command) async {
        do {
            switch command {
            case .load(let model): _ = try await client.load(model, locally: true)
            case .unload(let model): try await client.unload(model)
            case .pin(let model, let isPinned): _ = try await client.setPinned(model, isPinned)
            }
            sender.yield(.done(command, failure: nil))
        } catch {
            sender.yield(.done(command, failure: (error as? CommandFailure)?.message ?? "\(error)"))
        }
    }

    private func readKeys() {
        guard Console.isTerminal(.input) else {
            return
        }
        // The handler is called for one piece after the other.
        nonisolated(unsafe) var reader = KeyReader()
        FileHandle.standardInput.readabilityHandler = { [sender] handle in
            let data = handle.availableData
            // The terminal is gone.
            guard !data.isEmpty else {
                handle.readabilityHandler = nil
                sender.yield(.signal(.sighup))
                return
            }
            sender.yield(.keys(reader.read(data)))
        }
    }
}
