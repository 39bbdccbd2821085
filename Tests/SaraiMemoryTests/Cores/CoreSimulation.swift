import SaraiCore
import Testing

@testable import SaraiMemory

/// Workers that do what the ledger says, in time that only the simulation moves on.
struct CoreSimulation {
    /// What happened, to be compared.
    private(set) var log: [CoreLedger.Action] = []
    /// Seconds of core time that each worker really had, by the pauses it got.
    private(set) var had: [TargetID: Duration] = [:]
    /// The longest time that each worker had work and did not run.
    private(set) var longestWait: [TargetID: Duration] = [:]
    /// Workers with work, the threads of each, and how much of it there is.
    private(set) var work: [TargetID: (threads: Int, kinds: [CoreWork])] = [:]
    private(set) var ledger: CoreLedger
    let start = ContinuousClock.now
    private(set) var now: ContinuousClock.Instant
    private var paused: [TargetID: ContinuousClock.Instant] = [:]

    init(cores: Int, policy: CorePolicy = CorePolicy()) {
        ledger = CoreLedger(cores: cores, policy: policy)
        now = start
    }

    mutating func begin(_ id: TargetID, threads: Int = 2, _ kind: CoreWork = .generation, size: Int = 1000) {
        work[id, default: (threads, [])].kinds.append(kind)
        work[id]?.threads = min(max(1, threads), ledger.cores)
        perform(ledger.begin(id, threads: threads, kind: kind, size: .mebibytes(size), now: now))
    }

    mutating func end(_ id: TargetID, _ kind: CoreWork = .generation) {
        if let index = work[id]?.kinds.firstIndex(of: kind) {
            work[id]?.kinds.remove(at: index)
        }
        if work[id]?.kinds.isEmpty == true {
            work[id] = nil
        }
        perform(ledger.end(id, kind: kind, now: now))
    }

    mutating func gone(_ id: TargetID) {
        work[id] = nil
        perform(ledger.gone(id, now: now))
    }

    /// Lets time pass, with ticks when the ledger asks for them.
    mutating func advance(by duration: Duration) {
        let end = now + duration
        while let deadline = ledger.nextDeadline, deadline <= end {
            #expect(deadline > now, "a ledger that wants to be asked at once, for ever")
            move(to: deadline)
            perform(ledger.tick(now: now))
        }
        move(to: end)
    }

    /// Whether a worker has work and its process runs.
    func runs(_ id: TargetID) -> Bool {
        work[id] != nil && paused[id] == nil
    }

    private mutating func move(to instant: ContinuousClock.Instant) {
        for (id, entry) in work where paused[id] == nil {
            had[id, default: .zero] += (instant - now) * entry.threads
        }
        now = max(now, instant)
        for (id, since) in paused {
            longestWait[id] = max(longestWait[id] ?? .zero, now - since)
        }
    }

    /// Does what the ledger wants, as processes would, and checks all that must hold at any time.
    private mutating func perform(_ actions: [CoreLedger.Action]) {
        log += actions
        for action in actions {
            switch action {
            case .pause(let id):
                #expect(paused[id] == nil, "\(id) is paused twice")
                paused[id] = now
            case .resume(let id):
                #expect(paused.removeValue(forKey: id) != nil, "\(id) is resumed, but it was not paused")
            }
        }
        #expect(paused.keys.allSatisfy { work[$0] != nil }, "a worker without work is paused")
        let active = work.reduce(0) { $0 + (paused[$1.key] == nil ? $1.value.threads : 0) }
        #expect(active <= ledger.cores)
        #expect(active == ledger.activeThreads)
        let waiting = work.filter { paused[$0.key] != nil }.map(\.value.threads)
        #expect(waiting.allSatisfy { active + $0 > ledger.cores }, "cores idle that a paused worker could use")
        #expect(waiting.isEmpty == (ledger.nextDeadline == nil))
        for share in ledger.shares(now: now) where work[share.target] != nil {
            if case .paused(let wait) = share.state {
                #expect(paused[share.target].map { now - $0 } == wait)
            } else {
                #expect(paused[share.target] == nil)
            }
        }
    }
}
