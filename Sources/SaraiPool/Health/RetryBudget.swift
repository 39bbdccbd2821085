/// Bounds how many requests are being retried at the same time, so that retries cannot multiply the load when everything
/// fails at once.
struct RetryBudget: Hashable, Sendable {
    /// Retries that may run as a share of the active requests.
    var share = 0.2
    /// Retries that may run however few requests are active.
    var minimum = 3
    /// Requests that are being answered, retries or not.
    private(set) var active = 0
    /// Attempts in flight that are not their request's first.
    private(set) var retries = 0

    private var mayRetry: Bool {
        Double(retries) < max(Double(minimum), share * Double(active))
    }

    /// A request came. It is active until ``endRequest()``, through all its attempts.
    mutating func beginRequest() {
        active += 1
    }

    /// A request is over, however it ended.
    mutating func endRequest() {
        assert(active > 0, "a request ended that did not begin")
        active -= 1
    }

    /// An attempt that is not its request's first begins, if it may.
    ///
    /// - Returns: whether it does; then it ends with ``endRetry()``.
    mutating func beginRetryIfAllowed() -> Bool {
        guard mayRetry else {
            return false
        }
        retries += 1
        return true
    }

    /// A retry is over, however it ended.
    mutating func endRetry() {
        assert(retries > 0, "a retry ended that did not begin")
        retries -= 1
    }
}
