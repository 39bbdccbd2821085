import Foundation
import SaraiMemory

/// How many processor cores this process may use, which is what counts when threads are given out.
package enum UsableCores {
    /// Counts the cores that affinity and the quotas of cgroups allow.
    ///
    /// - Parameters:
    ///   - allowed: cores that the process may be scheduled on. Foundation asks for the affinity, not for what the machine has.
    ///   - cpuMax: the `cpu.max` files of the process's cgroup and of those above it: the tightest counts.
    /// - Returns: at least 1.
    package static func count(
        allowed: Int = ProcessInfo.processInfo.activeProcessorCount,
        cpuMax: [String] = ControlGroupFile.texts("cpu.max")
    ) -> Int {
        max(1, min(allowed, cpuMax.compactMap(quota).min() ?? allowed))
    }

    /// The cores that a cgroup v2 `cpu.max` file (`quota period`, microseconds, or `max period`) grants, at least 1.
    ///
    /// Part of a core counts as none: the kernel would stop one more thread in the middle of a step, and the others would wait for it.
    ///
    /// - Returns: `nil` when there is no limit.
    static func quota(cpuMax: String) -> Int? {
        let fields = cpuMax.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard fields.count == 2, let quota = fields[0], let period = fields[1], quota > 0, period > 0 else {
            return nil
        }
        return max(1, quota / period)
    }
}
