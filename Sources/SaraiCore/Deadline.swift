/// Runs `body` for so long at most.
///
/// - Parameters:
///   - limit: the time that `body` has.
///   - error: what it means when the time is over.
///   - body: cancelled then.
/// - Returns: what `body` returns.
/// - Throws: `error`, or what `body` throws.
package func withDeadline<Result: Sendable>(
    _ limit: Duration, error: some Error, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await body() }
        group.addTask {
            try await AlarmClock.shared.sleep(for: limit)
            throw error
        }
        guard let result = try await group.next() else {
            throw CancellationError()
        }
        return result
    }
}
