import SaraiBackends
import SaraiCore
import Synchronization

/// Permission to run one request on one target.
///
/// It is given back by ``release()``, or at the latest when the last reference goes, so that no path through the code,
/// however unusual, can lose a slot.
final class Lease: Sendable {
    /// The target, and why this one.
    let route: Route
    /// Speaks to the target.
    let backend: any Backend
    private let isHeld = Atomic(true)
    private let isInterrupted = Atomic(false)
    private let giveBack: @Sendable (_ isInterrupted: Bool) -> Void

    init(route: Route, backend: any Backend, giveBack: @escaping @Sendable (_ isInterrupted: Bool) -> Void) {
        self.route = route
        self.backend = backend
        self.giveBack = giveBack
    }

    deinit {
        release()
    }

    /// Gives the slot back; only the first call counts.
    func release() {
        if isHeld.exchange(false, ordering: .acquiringAndReleasing) {
            giveBack(isInterrupted.load(ordering: .acquiring))
        }
    }

    /// Notes that the request ended before its answer did: the target may still be at work on it.
    func interrupt() {
        isInterrupted.store(true, ordering: .releasing)
    }
}
