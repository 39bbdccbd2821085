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
            error.message == "'c' would be one text model too many: 2 are loaded (b, a), and max_concurrent_llms is 2")
        #expect(error.shortage == .zero)
        ledger.release(try target("a"))
        try ledger.reserve(target("c"), bytes: .mebibytes(1), isLLM: true)
        #expect(ledger.llmCount == 2)
    }

    @Test("charges the larger of what was predicted and what was measured")
    func correction() throws {
        var ledger = MemoryLedger(budget: .mebibytes(100), maxConcurrentLLMs: 3)
        try ledger.reserve(target("a"), bytes: .mebibytes(40), isLLM: true)
        #expect(ledger.correct(try target("a"), measured: .mebibytes(30)) == .zero)
        #expect(ledger.charged == .mebibytes(40))
        #expect(ledger.correct(try target("a"), measured: .mebibytes(60)) == .zero)
        #expect(ledger.correct(try target("a"), measured: .mebibytes(20)) == .zero)
        #expect(ledger.charged == .mebibytes(60) && ledger.free == .mebibytes(40))
        #expect(ledger.correct(try target("a"), measured: .mebibytes(110)) == .mebibytes(10))
        #expect(ledger.free == .zero)
        // What is loaded already may be confirmed, but nothing else fits beside it.
        try ledger.reserve(target("a"), bytes: .mebibytes(40), isLLM: true)
        #expect(throws: LedgerRefusal.self) { try ledger.reserve(target("b"), bytes: .mebibytes(1), isLLM: true) }
        #expect(ledger.release(try target("a")) == .mebibytes(110))
        #expect(ledger.correct(try target("a"), measured: .mebibytes(110)) == .zero)
        #expect(ledger.reservations.isEmpty)
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
                let overrun = ledger.correct(id, measured: MemorySize(bytes: bytes.bytes / 2))
                #expect(overrun == max(.zero, ledger.charged - ledger.budget))
            default:
                let charge = ledger.release(id)
                #expect(ledger.charged == before.charged - charge)
            }
            #expect(ledger.free >= .zero)
        }
        return ledger
    }
}
