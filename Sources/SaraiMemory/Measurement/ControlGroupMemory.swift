import SaraiCore
import SystemPackage

/// The tightest memory limit among the cgroups (version 2) that this process is in.
struct ControlGroupMemory: Hashable {
    /// `memory.max` of the group.
    var limit: MemorySize
    /// What the group can still take, dropping its own idle file pages.
    var free: MemorySize

    /// Looks at the process's group and all groups above it: each limit holds for what is below.
    ///
    /// - Returns: `nil` where no group is limited, or the machine has no cgroups of version 2.
    static func read(root: FilePath) -> ControlGroupMemory? {
        ControlGroupPath.ownAndAbove(root: root).compactMap { read(folder: $0) }.min { $0.limit < $1.limit }
    }

    private static func read(folder: FilePath) -> ControlGroupMemory? {
        guard let limit = number(folder.appending("memory.max")) else {
            return nil
        }
        let used = number(folder.appending("memory.current")) ?? 0
        let idle = (try? ProcFile.read(folder.appending("memory.stat"))).flatMap {
            ProcFile.count("inactive_file", in: $0)
        }
        return ControlGroupMemory(
            limit: MemorySize(bytes: limit), free: MemorySize(bytes: max(0, limit - max(0, used - (idle ?? 0)))))
    }

    /// The number in a file; `nil` for `max`, which means no limit.
    private static func number(_ path: FilePath) -> Int? {
        (try? ProcFile.read(path)).flatMap { text in
            text.split(separator: "\n").first.flatMap { Int($0) }
        }
    }
}
