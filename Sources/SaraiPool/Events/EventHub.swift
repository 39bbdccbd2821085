import DequeModule
package import Foundation
package import Logging
package import SaraiCore
package import SaraiMetrics
import Synchronization

/// Takes the pool's events, remembers the last of them, logs and counts each, and passes them on to whoever follows.
///
/// Posting never waits for a reader: readers read from the hub's memory, each at its own pace, and are only told that there
/// is something new. One that is too slow misses the oldest events and is told how many.
package final class EventHub: Sendable {
    /// What the lock protects.
    private struct State {
        /// The last events, without gaps in their ids.
        var events = Deque<PoolEvent>()
        var lastID: UInt64 = 0
        var readers: [Int: AsyncStream<EventSubscription.WakeUp>.Continuation] = [:]
        var nextReader = 0
    }

    /// How many may follow at the same time.
    package static let maximumReaders = 16

    private let state = Mutex(State())
    private let logger: Logger
    private let metrics: MetricRegistry
    private let capacity: Int
    private let now: @Sendable () -> Date

    /// A hub without events.
    ///
    /// - Parameters:
    ///   - logger: for a line per event.
    ///   - metrics: counts them.
    ///   - capacity: how many events are remembered.
    ///   - now: the clock.
    package init(
        logger: Logger, metrics: MetricRegistry = MetricRegistry(), capacity: Int = 1000,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.logger = logger
        self.metrics = metrics
        self.capacity = capacity
        self.now = now
    }

    /// Says that something happened. Costs some microseconds, besides the log line where its level is wanted.
    package func post(_ body: PoolEvent.Body) {
        let (event, readers) = state.withLock { state in
            state.lastID += 1
            let event = PoolEvent(id: state.lastID, time: now(), body: body)
            if state.events.count == capacity {
                state.events.removeFirst()
            }
            state.events.append(event)
            return (event, Array(state.readers.values))
        }
        for reader in readers {
            reader.yield(.news)
        }
        metrics.count(body)
        logger.log(level: body.logLevel, body.kind.sentence, metadata: event.metadata)
    }

    /// Follows the events.
    ///
    /// - Parameter id: the last event that the reader has already, from 0; `nil` means all that have happened. A number of
    ///   the future comes from a reader of an earlier daemon, to which everything is new.
    /// - Returns: the events after that, as far as they are remembered, and then those to come.
    /// - Throws: ``SaraiCore/PoolError`` with `busy` when too many follow already.
    package func subscribe(after id: UInt64? = nil) throws(PoolError) -> EventSubscription {
        let (wakeUps, waker) = AsyncStream.makeStream(
            of: EventSubscription.WakeUp.self, bufferingPolicy: .bufferingNewest(1))
        let place = state.withLock { state -> (number: Int, lastID: UInt64)? in
            guard state.readers.count < Self.maximumReaders else {
                return nil
            }
            state.nextReader += 1
            state.readers[state.nextReader] = waker
            return (state.nextReader, state.lastID)
        }
        guard let (number, lastID) = place else {
            throw PoolError(.busy, "\(Self.maximumReaders) clients follow the events already; no more can")
        }
        waker.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.readers.removeValue(forKey: number) }
        }
        let start = id ?? lastID
        return EventSubscription(hub: self, start: start > lastID ? 0 : start, wakeUps: wakeUps, waker: waker)
    }

    /// The remembered events after one; if not all are, the first stands for those that are missing.
    func events(after id: UInt64) -> [PoolEvent] {
        state.withLock { state in
            guard let first = state.events.first, id < state.lastID else {
                return []
            }
            let rest = state.events.suffix(Int(clamping: state.lastID - id))
            guard first.id > id + 1 else {
                return Array(rest)
            }
            return [PoolEvent(id: first.id - 1, time: now(), body: .missed(Int(first.id - id - 1)))] + rest
        }
    }
}
