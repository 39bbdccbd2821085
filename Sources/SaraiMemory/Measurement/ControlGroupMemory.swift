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
        guard let membership = try? ProcFile.read(root.appending("proc/self/cgroup")),
            let path = path(membership: membership)
        else {
            return nil
        }
        let mount = root.appending("sys/fs/cgroup")
        var tightest: ControlGroupMemory?
        var components = FilePath(path).components[...]
        while true {
            var folder = mount
            folder.components.append(contentsOf: components)
            if let group = read(folder: folder), group.limit < tightest?.limit ?? MemorySize(bytes: .max) {
                tightest = group
            }
            guard components.popLast() != nil else {
                return tightest
            }
        }
    }

    /// The group's path in the text of `/proc/self/cgroup`: the line of version 2 is `0::/path`.
    static func path(membership text: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("0::/") }
        guard let path = line?.dropFirst(3), !path.split(separator: "/").contains("..") else {
            return nil
        }
        return String(path)
    }

    private static func read(folder: FilePath) -> ControlGroupMemory? {
        guard let limit = number(folder.appending("memory.max")) else {
            return nil
        }
        let used = number(folder.appending("memory.current")) ?? 0
        let idle = (try? ProcFile.read(folder.appending("memory.stat"))).flatMap(inactiveFile) ?? 0
        return ControlGroupMemory(
            limit: MemorySize(bytes: limit), free: MemorySize(bytes: max(0, limit - max(0, used - idle))))
    }

    /// The number in a file; `nil` for `max`, which means no limit.
    private static func number(_ path: FilePath) -> Int? {
        (try? ProcFile.read(path)).flatMap { text in
            text.split(separator: "\n").first.flatMap { Int($0) }
        }
    }

    private static func inactiveFile(_ text: String) -> Int? {
        text.split(separator: "\n").lazy.compactMap { line -> Int? in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == "inactive_file" ? Int(words[1]) : nil
        }.first
    }
}
