import SaraiBackends

/// Reaches into one worker from outside of the task that runs it.
struct WorkerHandle: Sendable {
    /// Ends it.
    let stop = StopSignal()
    /// Holds it and lets it run on.
    let control = WorkerControl()
}

/// Tells a worker's supervision to end it. Works also when it is sent before anybody listens.
struct StopSignal: Sendable {
    /// Ends when the signal is sent.
    let stream: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() {
        (stream, end) = AsyncStream.makeStream(of: Void.self)
    }

    /// Sends the signal; further calls do nothing.
    func send() {
        end.finish()
    }
}
