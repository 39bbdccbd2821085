import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Core ledger, driven at random")
struct CoreLedgerPropertyTests {
    /// The simulation checks at every step what must hold at any time; here is what must hold over time.
    @Test("keeps its promises", arguments: 0..<12 as Range<UInt64>)
    func promises(seed: UInt64) throws {
        let machine = try history(seed: seed)
        #expect(try history(seed: seed).log == machine.log)
        #expect(machine.log.count > 100)
        let policy = machine.ledger.policy
        // Patience for as many as there are, and then the turns of all others that are overdue too.
        let bound = policy.patience + policy.quantum * (2 * 6)
        #expect(machine.longestWait.values.allSatisfy { $0 <= bound })
        #expect(machine.ledger.activeThreads == 0 && machine.ledger.nextDeadline == nil)
    }

    @Test("makes nobody wait for ever, however many there are", arguments: [1, 2, 4])
    func crowd(cores: Int) throws {
        var machine = CoreSimulation(cores: cores)
        let crowd = try (0..<24).map { try target("m\($0)") }
        for (index, id) in crowd.enumerated() {
            machine.begin(id, threads: 1 + index % cores, index % 5 == 0 ? .background : .generation, size: index)
        }
        machine.advance(by: .seconds(120))
        for id in crowd {
            #expect(machine.had[id] ?? .zero > .seconds(1))
        }
    }

    @Test("does not let narrow workers that come and go keep a wide one waiting", arguments: 0..<12 as Range<UInt64>)
    func wideAmongNarrow(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var machine = CoreSimulation(cores: 2, policy: CorePolicy(burst: .zero))
        let (wide, narrow) = (try target("wide"), try (0..<4).map { try target("n\($0)") })
        machine.begin(wide)
        for _ in 0..<100 {
            let id = narrow[Int.random(in: 0..<4, using: &random)]
            if machine.work[id] == nil {
                machine.begin(id, threads: 1)
            } else {
                machine.end(id)
            }
            machine.advance(by: .milliseconds(Int.random(in: 10...900, using: &random)))
        }
        // By its share, not by its patience.
        #expect(machine.longestWait[wide] ?? .zero <= machine.ledger.policy.quantum * 4)
    }

    /// Six workers of all widths and kinds that begin, end and die at random, and all end in the end.
    private func history(seed: UInt64) throws -> CoreSimulation {
        var random = SeededGenerator(seed: seed)
        var machine = CoreSimulation(cores: Int.random(in: 1...4, using: &random))
        let targets = try (0..<6).map { try target("m\($0)") }
        for _ in 0..<600 {
            let id = targets[Int.random(in: 0..<6, using: &random)]
            let kind = CoreWork.allCases[Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0: machine.gone(id)
            case 1..<8: machine.end(id, kind)
            case 8..<14:
                let threads = Int.random(in: 0...5, using: &random)
                machine.begin(id, threads: threads, kind, size: Int.random(in: 1...8, using: &random))
            case 14..<16: machine.advance(by: .seconds(Int.random(in: 1...9, using: &random)))
            default: machine.advance(by: .microseconds(Int.random(in: 0...900_000, using: &random)))
            }
        }
        for id in targets {
            for kind in machine.work[id]?.kinds ?? [] {
                machine.end(id, kind)
            }
        }
        return machine
    }
}
