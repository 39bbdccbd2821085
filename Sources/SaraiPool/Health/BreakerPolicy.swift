/// When a remote target is ejected, for how long, and how it comes back.
struct BreakerPolicy: Hashable, Sendable {
    /// Failed requests in a row after which the target is ejected.
    var ejectAfter = 3
    /// Length of the first ejection; each one in a row is twice as long as the one before.
    var ejection: Duration = .seconds(1)
    /// Length of an ejection at most.
    var maxEjection: Duration = .seconds(60)
    /// How long a target that came back takes to get its full share of requests.
    var slowStart: Duration = .seconds(10)
    /// Good health checks in a row that a target needs after a repeated ejection. After the first one is enough.
    var rise = 2

    /// The length of an ejection, by its number in a row, 1 and up.
    func ejection(number: Int) -> Duration {
        // 2³⁰ times any useful length is beyond any useful limit, and far from overflow.
        min(maxEjection, ejection * (1 << min(number - 1, 30)))
    }

    /// How long a target must stay closed for its ejections in a row to be forgotten.
    func memory(of ejections: Int) -> Duration {
        max(.seconds(60), ejection(number: ejections) * 10)
    }

    /// Good health checks in a row that end an ejection, by its number in a row.
    func goodChecks(afterEjections ejections: Int) -> Int {
        ejections > 1 ? rise : 1
    }
}
