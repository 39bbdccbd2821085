import SaraiBackends
import SaraiCore
import Synchronization

/// Permission to run one request on one target.
///
/// It is given back by ``end(_:)``, or at the latest when the last reference goes, so that no path through the code,
/// however unusual, can lose a slot.
final class Lease: Sendable {
    /// The target, and why this one.
    let route: Route
    /// Speaks to the target.
    let backend: any Backend
    private let isHeld = Atomic(true)
    private let giveBack: @Sendable (Outcome) -> Void

    init(route: Route, backend: any Backend, giveBack: @escaping @Sendable (Outcome) -> Void) {
        self.route = route
        self.backend = backend
        self.giveBack = giveBack
    }

    deinit {
        end(.abandoned)
    }

    /// Gives the slot back and says what became of the request; only the first call counts.
    func end(_ outcome: Outcome) {
        if isHeld.exchange(false, ordering: .acquiringAndReleasing) {
            giveBack(outcome)
        }
    }
}
