/// Decides from readings of memory pressure how careful to be.
///
/// It rises at once and comes down late: only when everything has been below half of what raises it for a while. So a
/// machine at the edge does not load and unload by turns. Without PSI it is always calm.
package struct PressureGauge: Sendable {
    /// What counts as pressure.
    package struct Thresholds: Hashable, Sendable {
        /// At this share of time in which some task waited, nothing new is loaded. Percent of the last ten seconds.
        package var someStopsAdmitting = 10.0
        /// At this share of time in which all tasks waited, nothing new is loaded. Percent since the reading ``window``
        /// ago: quicker than the kernel's average.
        package var recentFullStopsAdmitting = 5.0
        /// At this share of time in which all tasks waited, idle models are unloaded. Percent of the last ten seconds.
        package var fullEvicts = 5.0
        /// The length of time over which recent waits are counted.
        package var window = Duration.seconds(2)
        /// How long everything must have been below half of what raises a level.
        package var calmAfter = Duration.seconds(5)

        /// What holds unless told otherwise.
        package init() {}
    }

    /// How careful to be now.
    package private(set) var level = PressureLevel.calm
    private let thresholds: Thresholds
    private var history: [(time: ContinuousClock.Instant, pressure: MemoryPressure)] = []
    private var quietSince: ContinuousClock.Instant?

    /// A gauge that is calm.
    package init(thresholds: Thresholds = Thresholds()) {
        self.thresholds = thresholds
    }

    /// Takes a reading into account. To be called about once a second.
    ///
    /// - Returns: how careful to be from now on.
    @discardableResult
    package mutating func update(_ pressure: MemoryPressure, now: ContinuousClock.Instant) -> PressureLevel {
        let recent = recentFull(pressure, now: now)
        let wanted = level(of: pressure, recentFull: recent, share: 1)
        let held = level(of: pressure, recentFull: recent, share: 0.5)
        if wanted.severity >= level.severity || held.severity >= level.severity {
            level = wanted.severity >= level.severity ? wanted : level
            quietSince = nil
        } else if let since = quietSince, now - since >= thresholds.calmAfter {
            level = held
            quietSince = nil
        } else {
            quietSince = quietSince ?? now
        }
        return level
    }

    private func level(of pressure: MemoryPressure, recentFull: Double, share: Double) -> PressureLevel {
        let stalls = pressure.sources.values
        if stalls.contains(where: { $0.full >= thresholds.fullEvicts * share }) {
            return .evict
        }
        let isHigh =
            recentFull >= thresholds.recentFullStopsAdmitting * share
            || stalls.contains { $0.some >= thresholds.someStopsAdmitting * share }
        return isHigh ? .stopAdmitting : .calm
    }

    /// Percent of the time since a reading at least a window old in which all tasks of a source waited; of the worst
    /// source.
    private mutating func recentFull(_ pressure: MemoryPressure, now: ContinuousClock.Instant) -> Double {
        history.append((now, pressure))
        // One reading that is older than the window is enough.
        while history.count > 2, now - history[1].time >= thresholds.window {
            history.removeFirst()
        }
        guard let (time, earlier) = history.first, now - time >= thresholds.window else {
            return 0
        }
        let elapsed = (now - time) / .microseconds(1)
        let waits = pressure.sources.map { path, stall in
            stall.fullTotal - (earlier.sources[path]?.fullTotal ?? stall.fullTotal)
        }
        return Double(waits.max() ?? 0) / elapsed * 100
    }
}

extension PressureLevel {
    fileprivate var severity: Int {
        switch self {
        case .calm: 0
        case .stopAdmitting: 1
        case .evict: 2
        }
    }
}
