import Synchronization

/// What the bodies of all requests that are being read or answered take together: they lie in the daemon's own memory, beside
/// the budget for models.
final class BodyBudget: Sendable {
    /// A body's share, given back when nothing holds it any more.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let bytes: Int

        fileprivate init(_ budget: BodyBudget, bytes: Int) {
            self.budget = budget
            self.bytes = bytes
        }

        deinit {
            budget.taken.withLock { $0 -= bytes }
        }
    }

    private let limit: Int
    private let taken = Mutex(0)

    /// A budget of which nothing is taken.
    ///
    /// - Parameter limit: bytes at most; a body alone may be larger.
    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes that are taken; for tests.
    var bytes: Int { taken.withLock(\.self) }

    /// Takes a share.
    ///
    /// - Returns: the share; `nil` if it does not fit beside the others.
    func share(bytes: Int) -> Share? {
        taken.withLock { taken in
            guard taken == 0 || taken + bytes <= limit else {
                return nil
            }
            taken += bytes
            return Share(self, bytes: bytes)
        }
    }
}
