import Synchronization

/// Lets those who want the same at the same time share one way of getting it.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value, any Error>

    private struct Flight {
        let number: Int
        let task: Task<Void, Never>
        var waiters: [Int: Waiter] = [:]
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        /// Numbers flights and waiters.
        var last = 0

        mutating func next() -> Int {
            last += 1
            return last
        }
    }

    private let state = Mutex(State())

    /// How many wait now.
    var waiting: Int {
        state.withLock { $0.flights.values.reduce(0) { $0 + $1.waiters.count } }
    }

    /// Gets what `key` stands for.
    ///
    /// - Parameters:
    ///   - key: what is wanted.
    ///   - body: gets it. It runs unless another that was given for the same key is running; it is cancelled when
    ///     nobody waits for it any more.
    /// - Returns: what `body` returns, or the other one did.
    /// - Throws: what it throws; `CancellationError` at once when this task is cancelled.
    func run(_ key: Key, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let number = state.withLock { $0.next() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                join(key, number, waiter, body)
                // A cancellation from before that has found nobody to tell.
                if Task.isCancelled {
                    leave(key, number)
                }
            }
        } onCancel: {
            leave(key, number)
        }
    }

    private func join(
        _ key: Key, _ number: Int, _ waiter: Waiter, _ body: @escaping @Sendable () async throws -> Value
    ) {
        state.withLock { state in
            if state.flights[key] == nil {
                // Its waiters await it; the last of them to leave ends it.
                let task = Task { [self] in
                    do {
                        land(key, number, .success(try await body()))
                    } catch {
                        land(key, number, .failure(error))
                    }
                }
                state.flights[key] = Flight(number: number, task: task)
            }
            state.flights[key]?.waiters[number] = waiter
        }
    }

    private func leave(_ key: Key, _ number: Int) {
        let waiter = state.withLock { state in
            let waiter = state.flights[key]?.waiters.removeValue(forKey: number)
            if waiter != nil, let flight = state.flights[key], flight.waiters.isEmpty {
                flight.task.cancel()
                state.flights[key] = nil
            }
            return waiter
        }
        waiter?.resume(throwing: CancellationError())
    }

    private func land(_ key: Key, _ number: Int, _ result: Result<Value, any Error>) {
        let waiters = state.withLock { state in
            // Another flight may have begun after everybody left this one.
            guard let flight = state.flights[key], flight.number == number else {
                return [Waiter]()
            }
            state.flights[key] = nil
            return Array(flight.waiters.values)
        }
        for waiter in waiters {
            waiter.resume(with: result)
        }
    }
}
