import Foundation

/// How many processor cores this process may use, which is what counts when threads are given out.
package enum UsableCores {
    /// The cores that affinity and the cgroup's quota allow, at least 1.
    package static func count(cpuMax: String? = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8))
        -> Int
    {
        let allowed = ProcessInfo.processInfo.activeProcessorCount
        return max(1, min(allowed, quota(cpuMax: cpuMax) ?? allowed))
    }

    /// The cores that a cgroup v2 `cpu.max` file (`quota period`, microseconds, or `max period`) grants.
    ///
    /// - Returns: `nil` when there is no limit.
    static func quota(cpuMax: String?) -> Int? {
        let fields = cpuMax?.split(whereSeparator: \.isWhitespace).map { Double($0) } ?? []
        guard fields.count == 2, let quota = fields[0], let period = fields[1], period > 0 else {
            return nil
        }
        return max(1, Int(quota / period))
    }
}
