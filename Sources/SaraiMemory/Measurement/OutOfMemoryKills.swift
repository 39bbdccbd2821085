import SystemPackage

/// How many processes the kernel has killed for want of memory.
package enum OutOfMemoryKills {
    /// The kills on the whole machine since it started.
    ///
    /// - Parameter root: the folder that holds `proc`; another one in tests.
    /// - Returns: `nil` where the kernel (before 4.13) does not count them.
    package static func count(root: String = "/") -> Int? {
        (try? ProcFile.read(FilePath(root).appending("proc/vmstat"))).flatMap { ProcFile.count("oom_kill", in: $0) }
    }
}
