import Logging
import SaraiCore
import Testing

@testable import SaraiPool

/// What readers get of the events that are posted.
@Suite struct EventHubTests {
    private let log = LogBook()

    private func hub(remembering capacity: Int = 1000, posting count: Int = 0) -> EventHub {
        let hub = EventHub(logger: log.logger(), capacity: capacity) { Sample.time }
        for number in 0..<count {
            hub.post(.reloaded(changes: "\(number)"))
        }
        return hub
    }

    @Test func eventsAreNumberedFromOneAndHaveTheTimeOfTheClock() async throws {
        let events = try await hub(posting: 2).subscribe(after: 0).rest()
        #expect(
            events == [
                PoolEvent(id: 1, time: Sample.time, body: .reloaded(changes: "0")),
                PoolEvent(id: 2, time: Sample.time, body: .reloaded(changes: "1")),
            ])
    }

    @Test(arguments: [(0, [1, 2, 3]), (1, [2, 3]), (3, [])] as [(UInt64, [UInt64])])
    func aReaderGetsWhatItDoesNotHave(after id: UInt64, expected: [UInt64]) async throws {
        #expect(try await hub(posting: 3).subscribe(after: id).rest().map(\.id) == expected)
    }

    @Test func aNewReaderGetsOnlyWhatIsToCome() async throws {
        let hub = hub(posting: 3)
        let subscription = try hub.subscribe()
        hub.post(.draining)
        #expect(await subscription.rest().map(\.id) == [4])
    }

    @Test func toAReaderOfAnEarlierDaemonEverythingIsNew() async throws {
        #expect(try await hub(posting: 3).subscribe(after: 900).rest().map(\.id) == [1, 2, 3])
    }

    @Test func whatIsForgottenIsCounted() async throws {
        let events = try await hub(remembering: 10, posting: 25).subscribe(after: 3).rest()
        #expect(events.map(\.id) == Array(15...25))
        #expect(events.first?.body == .missed(12))
    }

    @Test func aReaderThatCanHaveAllIsToldOfNoGap() async throws {
        let events = try await hub(remembering: 10, posting: 25).subscribe(after: 15).rest()
        #expect(events.map(\.id) == Array(16...25))
        #expect(!events.contains { $0.body.kind == .missed })
    }

    @Test func aSlowReaderLosesTheOldest() async throws {
        let hub = hub(remembering: 4)
        let subscription = try hub.subscribe()
        var reader = subscription.makeAsyncIterator()
        hub.post(.draining)
        #expect(await reader.next()?.map(\.id) == [1])
        for number in 0..<7 {
            hub.post(.reloaded(changes: "\(number)"))
        }
        let events = await reader.next()
        #expect(events?.map(\.id) == [4, 5, 6, 7, 8])
        #expect(events?.first?.body == .missed(3))
        hub.post(.draining)
        #expect(await reader.next()?.map(\.body) == [.draining])
    }

    @Test func aReaderThatIsWokenLooksUp() async throws {
        let hub = hub()
        let subscription = try hub.subscribe()
        var reader = subscription.makeAsyncIterator()
        subscription.wakeUp()
        #expect(await reader.next() == [])
        hub.post(.draining)
        subscription.wakeUp()
        #expect(await reader.next()?.count == 1)
    }

    @Test func readersBeyondTheLimitAreRefusedUntilOneLeaves() throws {
        let hub = hub()
        var readers = try (0..<EventHub.maximumReaders).map { _ in try hub.subscribe() }
        #expect(throws: PoolError.self) { try hub.subscribe() }
        readers.removeLast()
        readers.append(try hub.subscribe())
        #expect(throws: PoolError.self) { try hub.subscribe() }
    }

    @Test func aReaderWhoseTaskIsCancelledLeaves() async throws {
        let hub = hub()
        let readers = try (0..<EventHub.maximumReaders).map { _ in try hub.subscribe() }
        for reader in readers {
            let task = Task { for await _ in reader {} }
            task.cancel()
            await task.value
        }
        _ = try hub.subscribe()
    }

    /// Many post while one reads: nothing is lost, doubled or out of order, and each poster's events keep their order.
    @Test(arguments: [50, 10_000])
    func eventsStayInOrderWhenManyPost(remembering capacity: Int) async throws {
        let posters = 8
        let each = 200
        let hub = hub(remembering: capacity)
        let subscription = try hub.subscribe()
        async let read = subscription.reduce(into: []) { $0 += $1 } as [PoolEvent]
        await withTaskGroup { group in
            for poster in 0..<posters {
                group.addTask {
                    for number in 0..<each {
                        hub.post(.reloaded(changes: "\(poster) \(number)"))
                    }
                }
            }
        }
        subscription.finish()
        let events = await read
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.id < $1.id })
        let missed = events.filter { $0.body.kind == .missed }.compactMap(\.body.count).reduce(0, +)
        let posted = events.filter { $0.body.kind == .reloaded }
        #expect(posted.count + missed == posters * each)
        #expect(capacity < posters * each || missed == 0)
        for poster in 0..<posters {
            let numbers = posted.compactMap(\.body.changes).map { $0.split(separator: " ").compactMap { Int($0) } }
                .filter { $0.first == poster }.compactMap(\.last)
            #expect(numbers == numbers.sorted())
        }
    }

    @Test func eachEventIsALogLineWithTheSameMembers() throws {
        let hub = hub()
        try hub.post(.failingOver(from: Sample.remote(), to: Sample.local(), reason: "refused"))
        #expect(
            log.lines == [
                LogBook.Line(
                    level: .warning, message: "request fails over",
                    metadata: [
                        "event": "1", "model": "solar", "from": "solar/ollama_http@10.0.0.7:11434",
                        "to": "solar/gguf_native", "reason": "refused",
                    ])
            ])
    }

    @Test func progressIsOnlyForThoseWhoDebug() throws {
        let hub = EventHub(logger: log.logger(level: .info))
        try hub.post(.loading(Sample.local(), progress: 0.5))
        try hub.post(.ready(Sample.local(), took: .seconds(2)))
        #expect(log.lines.map(\.message) == ["model ready"])
    }
}
