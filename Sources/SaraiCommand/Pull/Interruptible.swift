import UnixSignals

/// Work that Ctrl-C ends in an orderly way.
enum Interruptible {
    /// Runs `body` until it ends, or until SIGINT or SIGTERM cancels it; it may still clean up then.
    ///
    /// - Returns: what `body` returns; `nil` if a signal came first.
    /// - Throws: what `body` throws by itself.
    static func run<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals {
                    break
                }
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }
}
