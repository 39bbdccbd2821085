/// One reader's view of the pool's events, in the order of their ids.
///
/// Each element is what is new since the one before it: as many events as there are, or none after ``wakeUp()``. May be
/// read once; it ends when its task is cancelled or after ``finish()``.
package struct EventSubscription: AsyncSequence, Sendable {
    package typealias Element = [PoolEvent]
    package typealias Failure = Never

    /// Why a reader is to look.
    enum WakeUp: Sendable {
        case news, request
    }

    let hub: EventHub
    /// The last event that the reader has already.
    let start: UInt64
    let wakeUps: AsyncStream<WakeUp>
    let waker: AsyncStream<WakeUp>.Continuation

    /// Has the reader come back even if nothing is new.
    package func wakeUp() {
        waker.yield(.request)
    }

    /// Ends the subscription when the reader has what has happened until now.
    package func finish() {
        waker.finish()
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(hub: hub, cursor: start, wakeUps: wakeUps.makeAsyncIterator())
    }

    /// Reads a subscription.
    package struct Iterator: AsyncIteratorProtocol {
        let hub: EventHub
        var cursor: UInt64
        var wakeUps: AsyncStream<WakeUp>.Iterator

        package mutating func next(isolation actor: isolated (any Actor)?) async -> [PoolEvent]? {
            while true {
                let events = takeNew()
                guard events.isEmpty else {
                    return events
                }
                switch await wakeUps.next(isolation: actor) {
                // It may be about events that were taken together with earlier ones.
                case .news: continue
                case .request: return takeNew()
                case nil:
                    // A last look, at what came just before the end.
                    let events = takeNew()
                    return events.isEmpty ? nil : events
                }
            }
        }

        private mutating func takeNew() -> [PoolEvent] {
            let events = hub.events(after: cursor)
            cursor = events.last?.id ?? cursor
            return events
        }
    }
}
