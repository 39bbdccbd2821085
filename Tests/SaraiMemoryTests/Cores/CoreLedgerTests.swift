import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Core ledger")
struct CoreLedgerTests {
    @Test("lets a small question go before a long answer at once, and the answer run on after it")
    func preemption() throws {
        let (big, small) = (try target("solar"), try target("lfm2"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(big, size: 6600)
        #expect(machine.log.isEmpty && machine.ledger.nextDeadline == nil)
        machine.advance(by: .seconds(30))
        machine.begin(small, size: 775)
        #expect(machine.log == [.pause(big)])
        machine.advance(by: .milliseconds(1400))
        #expect(machine.runs(small) && !machine.runs(big))
        machine.end(small)
        #expect(machine.log == [.pause(big), .resume(big)])
        #expect(machine.ledger.nextDeadline == nil)
    }

    @Test("answers several questions one after the other, embeddings first, then by size")
    func order() throws {
        let (solar, omni, lfm2, gemma) = (
            try target("solar"), try target("omni"), try target("lfm2"), try target("gemma")
        )
        var machine = CoreSimulation(cores: 2)
        machine.begin(solar, size: 6600)
        machine.begin(omni, size: 4700)
        machine.begin(lfm2, size: 775)
        machine.begin(gemma, .embedding, size: 900)
        var order: [TargetID] = []
        for _ in 0..<4 {
            let running = try #require([solar, omni, lfm2, gemma].first { machine.runs($0) })
            order.append(running)
            machine.advance(by: .seconds(1))
            machine.end(running, running == gemma ? .embedding : .generation)
        }
        #expect(order == [gemma, lfm2, omni, solar])
    }

    @Test("gives long answers of two models the same time")
    func fairness() throws {
        let (big, small) = (try target("solar"), try target("lfm2"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(big, size: 6600)
        machine.advance(by: .seconds(20))
        let before = machine.had[big] ?? .zero
        machine.begin(small, size: 775)
        machine.advance(by: .seconds(30))
        let times = [(machine.had[big] ?? .zero) - before, machine.had[small] ?? .zero].map(\.seconds)
        #expect(abs(times[0] + times[1] - 60) < 1e-6)
        #expect(abs(times[0] - times[1]) <= 0.1 * max(times[0], times[1]))
        // The burst is the longest that either waits.
        #expect(machine.longestWait.values.allSatisfy { $0 <= .seconds(2.6) })
    }

    @Test("does not let requests that follow each other closely starve a long answer", arguments: CoreWork.allCases)
    func flood(kind: CoreWork) throws {
        let (text, flood) = (try target("solar"), try target("e5"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(text, size: 6600)
        while machine.now < machine.start + .seconds(60) {
            machine.begin(flood, kind, size: 75)
            // Each takes 40 ms of the machine, however long that lasts.
            let until = (machine.had[flood] ?? .zero) + .milliseconds(80)
            while machine.had[flood] ?? .zero < until {
                machine.advance(by: .milliseconds(1))
            }
            machine.end(flood, kind)
            machine.advance(by: .milliseconds(2))
        }
        let had = (machine.had[text] ?? .zero).seconds / 120
        let share = (machine.had[flood] ?? .zero).seconds / 120
        if kind == .background {
            #expect(abs(share - 0.2) < 0.05)
        } else {
            #expect((0.4...0.55).contains(share))
        }
        #expect(share + had > 0.98)
    }

    @Test("counts one worker's requests together, and does not mind ends it knows nothing of")
    func slots() throws {
        let (a, b) = (try target("a"), try target("b"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(a)
        machine.begin(a)
        machine.begin(b)
        machine.advance(by: .seconds(30))
        #expect(abs(((machine.had[a] ?? .zero) - (machine.had[b] ?? .zero)).seconds) <= 2)
        machine.end(a)
        machine.end(b, .background)
        #expect(machine.work.count == 2 && machine.ledger.shares(now: machine.now).allSatisfy { $0.kind != nil })
        machine.end(a)
        machine.end(a)
        #expect(machine.ledger.nextDeadline == nil && machine.runs(b))
    }

    @Test("lets a paused worker run when it is to end, and forgets what it used")
    func gone() throws {
        let (a, b) = (try target("a"), try target("b"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(a, size: 1)
        machine.begin(b, .background, size: 2)
        #expect(machine.log == [.pause(b)])
        machine.gone(b)
        #expect(machine.log == [.pause(b), .resume(b)])
        #expect(machine.ledger.shares(now: machine.now).map(\.target) == [a])
        machine.gone(b)
        machine.end(b, .background)
        #expect(machine.log.count == 2)
    }

    @Test("runs side by side what fits, and a worker that wants more than there is alone")
    func width() throws {
        let (wide, one, two) = (try target("wide"), try target("one"), try target("two"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(one, threads: 1)
        machine.begin(two, threads: 1)
        #expect(machine.log.isEmpty && machine.ledger.activeThreads == 2)
        machine.begin(wide, threads: 64, size: 1)
        #expect(machine.log == [.pause(one), .pause(two)])
        machine.advance(by: .seconds(60))
        let times = [wide, one, two].map { (machine.had[$0] ?? .zero).seconds }
        #expect(times.allSatisfy { (30...60).contains($0) })
    }

    @Test("saves up nothing for a worker that had no work")
    func credit() throws {
        let (busy, idle) = (try target("busy"), try target("idle"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(idle)
        machine.end(idle)
        machine.begin(busy)
        machine.advance(by: .seconds(60))
        machine.begin(idle)
        machine.advance(by: .seconds(10))
        #expect((9...11).contains((machine.had[idle] ?? .zero).seconds))
    }

    @Test("shows who has what")
    func shares() throws {
        let (a, b) = (try target("a"), try target("b"))
        var machine = CoreSimulation(cores: 2)
        machine.begin(a, size: 1)
        machine.begin(b, .background, size: 2)
        machine.advance(by: .milliseconds(500))
        let shares = machine.ledger.shares(now: machine.now)
        #expect(
            shares == [
                CoreShare(
                    target: a, kind: .generation, threads: 2, state: .running(isInBurst: true), entitlement: 0.8,
                    used: .seconds(1)),
                CoreShare(
                    target: b, kind: .background, threads: 2, state: .paused(for: .milliseconds(500)), entitlement: 0.2,
                    used: .zero),
            ])
        machine.end(a)
        #expect(machine.ledger.shares(now: machine.now).map(\.state) == [.resting, .running(isInBurst: false)])
    }
}
