package import SaraiCore

/// An answer in the making.
///
/// The generation runs by itself and never waits for its reader, so a slow client holds no slot; what is not read yet is
/// kept, at most the request's token limit. When nobody is left to read ``events``, or by ``cancel()``, it ends and frees the
/// slot.
package final class Generation: Sendable {
    /// The events, ending with ``GenerationEvent/finished(_:)``.
    ///
    /// Throws ``PoolError``. May be read once.
    package let events: AsyncThrowingStream<GenerationEvent, any Error>
    private let routes: AsyncThrowingStream<Route, any Error>
    private let task: Task<Void, Never>

    /// Starts a generation.
    ///
    /// - Parameter work: produces the events. It reports its route once, before the first event, and ends by returning
    ///   or throwing.
    package init(_ work: @escaping @Sendable (GenerationSink) async throws -> Void) {
        let (events, eventSink) = AsyncThrowingStream.makeStream(of: GenerationEvent.self)
        let (routes, routeSink) = AsyncThrowingStream.makeStream(of: Route.self)
        // Nobody awaits this task: its end is the end of `events`, and it is cancelled when nobody is left to read them.
        let task = Task {
            do {
                try await work(GenerationSink(routes: routeSink, events: eventSink))
                routeSink.finish()
                eventSink.finish()
            } catch {
                let error = Self.poolError(for: error)
                routeSink.finish(throwing: error)
                eventSink.finish(throwing: error)
            }
        }
        eventSink.onTermination = { _ in task.cancel() }
        self.events = events
        self.routes = routes
        self.task = task
    }

    /// Waits for the target whose answer this is: the commit point, when its first event has come.
    ///
    /// - Throws: ``PoolError`` if no target answers.
    package func route() async throws -> Route {
        for try await route in routes {
            return route
        }
        throw PoolError(.cancelled, "the request was cancelled")
    }

    /// Ends the generation and frees its slot.
    package func cancel() {
        task.cancel()
    }

    private static func poolError(for error: any Error) -> PoolError {
        switch error {
        case let error as PoolError: error
        case is CancellationError: PoolError(.cancelled, "the request was cancelled")
        default: PoolError(.unavailable, "\(error)")
        }
    }
}

/// Where a generation's work puts what it produces.
package struct GenerationSink: Sendable {
    fileprivate let routes: AsyncThrowingStream<Route, any Error>.Continuation
    fileprivate let events: AsyncThrowingStream<GenerationEvent, any Error>.Continuation

    /// Tells which target answers.
    package func commit(to route: Route) {
        routes.yield(route)
        routes.finish()
    }

    /// Hands over an event.
    package func emit(_ event: GenerationEvent) {
        events.yield(event)
    }
}
