import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Memory ledger")
struct MemoryLedgerTests {
    @Test("refuses with numbers what does not fit")
    func refusal() throws {
        var ledger = MemoryLedger(budget: .gibibytes(12), maxConcurrentLLMs: 4)
        try ledger.reserve(target("lfm2"), bytes: .mebibytes(820), isLLM: true)
        try ledger.reserve(target("solar"), bytes: .mebibytes(10_000), isLLM: true)
        let before = ledger
        let error = try #require(throws: LedgerRefusal.self) {
            try ledger.reserve(target("omni"), bytes: .mebibytes(6676), isLLM: true)
        }
        #expect(error.code == .overBudget)
        #expect(
            error.message == """
                'omni' needs 6.52 GiB, but only 1.43 GiB of the 12.0 GiB budget are free (solar 9.77 GiB, lfm2 820 MiB)
                """)
        #expect(error.shortage == .mebibytes(6676 - (12 * 1024 - 10_820)))
        #expect(ledger == before)
        let empty = MemoryLedger(budget: .gibibytes(4), maxConcurrentLLMs: 1)
        let tooLarge = #expect(throws: LedgerRefusal.self) {
            var ledger = empty
            try ledger.reserve(target("solar"), bytes: .gibibytes(6), isLLM: true)
        }
        #expect(tooLarge?.message == "'solar' needs 6.00 GiB, more than the whole budget of 4.00 GiB")
    }

    @Test("refuses one text model too many, but not an embedding model")
    func llmCount() throws {
        var ledger = MemoryLedger(budget: .gibibytes(12), maxConcurrentLLMs: 2)
        try ledger.reserve(target("a"), bytes: .mebibytes(1), isLLM: true)
        try ledger.reserve(target("b"), bytes: .mebibytes(2), isLLM: true)
        try ledger.reserve(target("e"), bytes: .mebibytes(3), isLLM: false)
        let error = try #require(throws: LedgerRefusal.self) {
            try ledger.reserve(target("c"), bytes: .mebibytes(1), isLLM: true)
        }
        #expect(error.code == .tooManyModels)
        #expect(
            error.message
                == "'c' would be one text model too many: 2 are loaded or held (b, a), and max_concurrent_llms is 2")
        #expect(error.shortage == .zero)
        ledger.release(try target("a"))
        try ledger.reserve(target("c"), bytes: .mebibytes(1), isLLM: true)
        #expect(ledger.llmCount == 2)
    }

    @Test("charges the larger of what was predicted and what was measured")
    func correction() throws {
        var ledger = MemoryLedger(budget: .mebibytes(100), maxConcurrentLLMs: 3)
        try ledger.reserve(target("a"), bytes: .mebibytes(40), isLLM: true)
        ledger.correct(try target("a"), measured: .mebibytes(30))
        #expect(ledger.charged == .mebibytes(40))
        ledger.correct(try target("a"), measured: .mebibytes(60))
        ledger.correct(try target("a"), measured: .mebibytes(20))
        #expect(ledger.charged == .mebibytes(60) && ledger.free == .mebibytes(40) && ledger.excess == .zero)
        ledger.correct(try target("a"), measured: .mebibytes(110))
        #expect(ledger.free == .zero && ledger.excess == .mebibytes(10))
        // What is loaded already may be confirmed, but nothing else fits beside it.
        try ledger.reserve(target("a"), bytes: .mebibytes(40), isLLM: true)
        #expect(throws: LedgerRefusal.self) { try ledger.reserve(target("b"), bytes: .mebibytes(1), isLLM: true) }
        #expect(ledger.release(try target("a")) == .mebibytes(110))
        ledger.correct(try target("a"), measured: .mebibytes(110))
        #expect(ledger.reservations.isEmpty)
    }

    @Test("keeps what a plan holds for a target that is not loaded")
    func holds() throws {
        var ledger = MemoryLedger(budget: .mebibytes(100), maxConcurrentLLMs: 3)
        ledger.daemon = .mebibytes(10)
        let twin = try target("solar"), guest = try target("guest")
        ledger.hold([(twin, .mebibytes(60), true)])
        #expect(ledger.charged == .mebibytes(70) && ledger.llmCount == 1)
        let refusal = try #require(ledger.refusal(of: guest, bytes: .mebibytes(31), isLLM: true))
        #expect(refusal.message.contains("solar 60.0 MiB held") && refusal.shortage == .mebibytes(1))
        try ledger.reserve(guest, bytes: .mebibytes(30), isLLM: true)
        try ledger.reserve(twin, bytes: .mebibytes(60), isLLM: true)
        #expect(ledger.charged == .mebibytes(100), "a load takes what is held for it and no more")
        #expect(ledger.release(twin) == .zero, "others cannot have it")
        #expect(ledger.release(guest) == .mebibytes(30))
        ledger.giveUp(twin)
        #expect(ledger.charged == .mebibytes(10))
        try ledger.reserve(twin, bytes: .mebibytes(60), isLLM: true, isHeld: true)
        ledger.giveUp(twin)
        #expect(ledger.release(twin) == .mebibytes(60), "whoever unloads by hand wants the memory")
        ledger.hold([])
        #expect(ledger.charged == .mebibytes(10))
    }

    @Test("a new plan holds nothing that what is loaded leaves no room for")
    func newPlan() throws {
        var ledger = MemoryLedger(budget: .mebibytes(100), maxConcurrentLLMs: 3)
        let old = try target("old"), new = try target("new")
        try ledger.reserve(old, bytes: .mebibytes(80), isLLM: true)
        ledger.hold([(new, .mebibytes(30), true), (old, .mebibytes(70), true)])
        #expect(ledger.charged == .mebibytes(80))
        #expect(ledger.reservations[new] == nil && ledger.reservations[old]?.isHeld == true)
    }

    @Test("names six holders at most")
    func manyHolders() throws {
        var ledger = MemoryLedger(budget: .mebibytes(100), maxConcurrentLLMs: 20)
        for index in 1...8 {
            try ledger.reserve(target("m\(index)"), bytes: .mebibytes(10), isLLM: true)
        }
        let error = try #require(throws: LedgerRefusal.self) {
            try ledger.reserve(target("x"), bytes: .mebibytes(21), isLLM: true)
        }
        #expect(
            error.message.hasSuffix("(m1 10.0 MiB, m2 10.0 MiB, m3 10.0 MiB, m4 10.0 MiB, m5 10.0 MiB, m6 10.0 MiB, …)")
        )
    }

    @Test("is never above its budget by reservations, and forgets nothing", arguments: 0..<8 as Range<UInt64>)
    func properties(seed: UInt64) throws {
        let first = try history(seed: seed)
        #expect(try history(seed: seed) == first)
        var ledger = first
        for id in first.reservations.keys {
            ledger.release(id)
        }
        #expect(ledger == MemoryLedger(budget: first.budget, maxConcurrentLLMs: first.maxConcurrentLLMs))
    }

    /// Some hundred random steps, each of which must leave the ledger in order.
    private func history(seed: UInt64) throws -> MemoryLedger {
        var random = SeededGenerator(seed: seed)
        var ledger = MemoryLedger(budget: .mebibytes(1000), maxConcurrentLLMs: 3)
        let targets = try (0..<6).map { try target("m\($0)") }
        for _ in 0..<400 {
            let id = targets[Int.random(in: 0..<6, using: &random)]
            let bytes = MemorySize.mebibytes(Int.random(in: 0...600, using: &random))
            let before = ledger
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                do throws(LedgerRefusal) {
                    try ledger.reserve(id, bytes: bytes, isLLM: Bool.random(using: &random))
                    #expect(ledger.charged <= max(ledger.budget, before.charged))
                    #expect(ledger.llmCount <= 3)
                } catch {
                    #expect(ledger == before)
                }
            case 2:
                ledger.correct(id, measured: MemorySize(bytes: bytes.bytes / 2))
                #expect(ledger.charged >= before.charged)
            default:
                let charge = ledger.release(id)
                #expect(ledger.charged == before.charged - charge)
            }
            #expect(ledger.free >= .zero)
        }
        return ledger
    }
}
