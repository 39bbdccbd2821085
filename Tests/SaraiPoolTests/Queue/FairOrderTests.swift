import Testing

@testable import SaraiPool

@Suite struct FairOrderTests {
    private struct Request: Hashable {
        let id: Int
        let client: String
    }

    /// A queue before some slots.
    private struct Queue {
        var fair = FairOrder<String>()
        var waiting: [Request] = []
        var running: [Request] = []
        var nextID = 0

        var inFlight: [String: Int] {
            running.reduce(into: [:]) { $0[$1.client, default: 0] += 1 }
        }

        mutating func add(_ clients: String) {
            for client in clients {
                waiting.append(Request(id: nextID, client: String(client)))
                nextID += 1
            }
        }

        mutating func order() -> [Request] {
            fair.sorted(waiting, inFlight: inFlight, id: \.id, client: \.client)
        }

        mutating func serve() -> Request? {
            guard let next = order().first else {
                return nil
            }
            waiting.removeAll { $0 == next }
            running.append(next)
            fair.served(next.client)
            return next
        }

        /// Serves everybody with one slot.
        mutating func serveAllInTurn() -> String {
            var served = ""
            while let next = serve() {
                running = []
                served += next.client
            }
            return served
        }

        /// Some clients wait, some have requests running, some were served before.
        static func random(_ random: inout SplitMix) -> Queue {
            var queue = Queue()
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                queue.add(["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "a")
                if Int.random(in: 0..<3, using: &random) == 0 {
                    _ = queue.serve()
                }
                if Int.random(in: 0..<6, using: &random) == 0, !queue.running.isEmpty {
                    queue.running.removeFirst()
                }
            }
            return queue
        }
    }

    @Test(arguments: [
        ("", [:], ""),
        ("aaaa", ["a": 3], "aaaa"),
        ("aaabbc", [:], "abcaba"),
        ("aab", ["a": 1], "baa"),
        ("aaabb", ["a": 2], "bbaaa"),
        ("aaabb", ["a": 1, "b": 2], "ababa"),
        ("abab", ["a": 1, "b": 1], "abab"),
    ])
    func whoHasLessComesFirst(line: String, inFlight: [String: Int], expected: String) {
        var fair = FairOrder<String>()
        let requests = line.enumerated().map { Request(id: $0.offset, client: String($0.element)) }
        let sorted = fair.sorted(requests, inFlight: inFlight, id: \.id, client: \.client)
        #expect(sorted.map(\.client).joined() == expected)
    }

    @Test func clientsWithOneRequestEachAreServedAsTheyCame() {
        var queue = Queue()
        queue.add("qwertyuiop")
        #expect(queue.serveAllInTurn() == "qwertyuiop")
    }

    /// Also with one slot, where the flood has nothing running whenever the slot is free.
    @Test(arguments: 0..<5)
    func aFloodDelaysAnotherByOneRequest(servedBefore: Int) {
        var queue = Queue()
        queue.add(String(repeating: "a", count: 50))
        for _ in 0..<servedBefore {
            #expect(queue.serve()?.client == "a")
            queue.running = []
        }
        queue.add("bbb")
        let served = queue.serveAllInTurn()
        #expect(served.hasPrefix("ababab" + "aaa"))
        #expect(served.count == 53 - servedBefore)
    }

    @Test func aFloodThatRunsDelaysNobodyElse() {
        var queue = Queue()
        queue.waiting = (0..<1000).map { Request(id: $0, client: "a") }
        queue.nextID = 1000
        #expect(queue.serve()?.client == "a")
        queue.add("b")
        #expect(queue.serve()?.client == "b")
    }

    /// Who waits is not passed by clients that come and go, each with a name of its own.
    @Test func newcomersDoNotPassWhoWaits() {
        var queue = Queue()
        queue.add("aa")
        var served = ""
        for newcomer in "qwertyuiop" {
            queue.add(String(newcomer))
            served += queue.serve()?.client ?? ""
            queue.running = []
        }
        #expect(served == "aqawertyui")
    }

    /// Having been served long ago is no merit.
    @Test func whoComesBackGoesBehindWhoWaits() {
        var queue = Queue()
        queue.add("ab")
        #expect(queue.serveAllInTurn() == "ab")
        queue.add("cc")
        #expect(queue.serve()?.client == "c")
        queue.running = []
        queue.add("ba")
        #expect(queue.serveAllInTurn() == "cba")
    }

    @Test(arguments: 0..<40)
    func theOrderIsCompleteStableForEachClientAndIndependentOfHowRequestsAreGiven(seed: UInt64) {
        var random = SplitMix(state: seed)
        var queue = Queue.random(&random)
        let sorted = queue.order()
        #expect(Set(sorted) == Set(queue.waiting) && sorted.count == queue.waiting.count)
        queue.waiting.shuffle(using: &random)
        #expect(queue.order() == sorted)
        for client in Set(sorted.map(\.client)) {
            let own = sorted.filter { $0.client == client }.map(\.id)
            #expect(own == own.sorted())
        }
    }

    /// What the order promises to those behind is kept when those in front are served.
    @Test(arguments: 0..<40)
    func servingTheFirstLeavesTheRestInOrder(seed: UInt64) {
        var random = SplitMix(state: seed)
        var queue = Queue.random(&random)
        let sorted = queue.order()
        for index in sorted.indices {
            #expect(queue.order() == Array(sorted[index...]))
            #expect(queue.serve() == sorted[index])
        }
    }

    /// Requests come and end at random, one client sends without end. Nobody who waits has less running than who is
    /// served, and while a client has nothing running each other one passes it once at most.
    @Test(arguments: 0..<10, 1...3)
    func noClientStarves(seed: UInt64, slots: Int) {
        var random = SplitMix(state: seed)
        var queue = Queue()
        var passed: [Int: [String: Int]] = [:]
        var isFair = true, mostPassed = 0
        for _ in 0..<150 {
            queue.add("aa")
            if Int.random(in: 0..<4, using: &random) == 0 {
                queue.add(["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "b")
            }
            if queue.running.count == slots {
                queue.running.remove(at: Int.random(in: 0..<slots, using: &random))
            }
            let inFlight = queue.inFlight
            let next = queue.serve()?.client ?? ""
            var seen: Set<String> = []
            for request in queue.waiting where seen.insert(request.client).inserted {
                isFair = isFair && inFlight[request.client, default: 0] >= inFlight[next, default: 0]
                if inFlight[request.client] == nil, request.client != next {
                    passed[request.id, default: [:]][next, default: 0] += 1
                    mostPassed = max(mostPassed, passed[request.id]?[next] ?? 0)
                }
            }
        }
        #expect(isFair)
        #expect(mostPassed <= 1 && (mostPassed == 1 || slots > 1))
        #expect(queue.waiting.count { $0.client == "a" } > 100)
        #expect(queue.waiting.count { $0.client != "a" } < 10)
    }
}
