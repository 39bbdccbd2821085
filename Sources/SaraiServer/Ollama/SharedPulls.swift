import SaraiCore
import Synchronization

/// The fetches that clients wait for.
///
/// Who asks for what is being fetched already watches that fetch. It is stopped when nobody watches it any more.
final class SharedPulls<Order: Hashable & Sendable>: Sendable {
    /// Does the work of a fetch, and tells how it goes.
    typealias Work = @Sendable (_ report: @escaping @Sendable (PullLine) -> Void) async throws -> Void

    /// More at the same time would only be slower: each has several connections.
    private let capacity = 2

    private struct Pull {
        let order: Order
        let task: Task<Void, Never>
        var watchers: [Int: PullWatch.Lines.Continuation]

        var isAbandoned: Bool { watchers.isEmpty }
    }

    private struct State {
        var pulls: [Int: Pull] = [:]
        var lastID = 0

        mutating func nextID() -> Int {
            lastID += 1
            return lastID
        }
    }

    private let state = Mutex(State())

    /// Fetches what is ordered, or watches the fetch of it that runs.
    ///
    /// - Parameters:
    ///   - order: what to fetch.
    ///   - work: begun if nobody fetches it yet.
    /// - Returns: how it goes, from now on.
    /// - Throws: ``PoolError`` with `busy` if too many run already.
    func watch(_ order: Order, work: @escaping Work) throws(PoolError) -> PullWatch {
        // Who reads slowly misses progress, never the end.
        let (lines, watcher) = PullWatch.Lines.makeStream(bufferingPolicy: .bufferingNewest(256))
        let (pull, id) = try state.withLock { state throws(PoolError) in
            let id = state.nextID()
            let same = state.pulls.filter { $0.value.order == order }
            if let pull = same.first(where: { !$0.value.isAbandoned })?.key {
                state.pulls[pull]?.watchers[id] = watcher
                return (pull, id)
            }
            let count = state.pulls.values.count { !$0.isAbandoned }
            guard count < capacity else {
                throw PoolError(
                    .busy, "\(count) models are being fetched already; ask again when one is there",
                    retryAfter: .seconds(60))
            }
            let pull = state.nextID()
            let abandoned = same.max { $0.key < $1.key }?.value.task
            // Cancelled when its last watcher leaves, which all do at the latest when the daemon ends.
            let task = Task {
                // It holds the file until it has ended.
                await abandoned?.value
                await self.run(pull, work)
            }
            state.pulls[pull] = Pull(order: order, task: task, watchers: [id: watcher])
            return (pull, id)
        }
        watcher.onTermination = { _ in self.leave(pull, id) }
        return PullWatch(lines: lines, watcher: watcher)
    }

    private func run(_ pull: Int, _ work: Work) async {
        let last: PullWatch.Line
        do {
            try await work { line in
                self.state.withLock { state in
                    for watcher in state.pulls[pull]?.watchers.values ?? [:].values {
                        watcher.yield(.success(line))
                    }
                }
            }
            last = .success(.status("success"))
        } catch {
            last = .failure(error as? PoolError ?? PullWatch.stopped)
        }
        let ended = state.withLock { $0.pulls.removeValue(forKey: pull) }
        for watcher in ended?.watchers.values ?? [:].values {
            watcher.yield(last)
            watcher.finish()
        }
    }

    private func leave(_ pull: Int, _ id: Int) {
        let abandoned = state.withLock { state -> Task<Void, Never>? in
            guard state.pulls[pull]?.watchers.removeValue(forKey: id) != nil, let left = state.pulls[pull] else {
                return nil
            }
            return left.isAbandoned ? left.task : nil
        }
        abandoned?.cancel()
    }
}

/// How a fetch goes, for one client. Letting go of it is leaving.
struct PullWatch: Sendable {
    /// What is done; the last is `success`, or why it failed.
    typealias Line = Result<PullLine, PoolError>
    typealias Lines = AsyncStream<Line>

    /// Why a fetch ended that nobody waits for.
    static let stopped = PoolError(.unavailable, "the pull was stopped; ask again to go on")

    /// What happens from now on.
    let lines: Lines
    fileprivate let watcher: Lines.Continuation

    /// Watches no longer: the lines end.
    func leave() {
        watcher.yield(.failure(Self.stopped))
        watcher.finish()
    }
}
