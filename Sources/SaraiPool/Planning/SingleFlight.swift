/// Does the same work once for all who want it at the same time.
actor SingleFlight<Key: Hashable & Sendable> {
    private var running: [Key: Task<Void, any Error>] = [:]

    /// Does `work`, or waits for the same work that runs already.
    ///
    /// Whoever is cancelled stops waiting when the work is done; the work itself goes on, since others may want it.
    ///
    /// - Throws: what the work throws, to everybody.
    func run(_ key: Key, work: @escaping @Sendable () async throws -> Void) async throws {
        if let task = running[key] {
            return try await task.value
        }
        // Awaited below, by whoever came first.
        let task = Task { try await work() }
        running[key] = task
        defer { running[key] = nil }
        try await task.value
    }
}
