package import SaraiCore
package import SystemPackage

/// The cgroup of one worker.
package struct ControlGroup: Sendable {
    /// The group's folder.
    package let folder: FilePath
    private let folders: ControlGroupFolders

    init(folder: FilePath, folders: ControlGroupFolders) {
        self.folder = folder
        self.folders = folders
    }

    /// Moves a process into the group. What it has taken before stays on its old group's account.
    ///
    /// - Throws: a refusal if the process is gone or may not be moved.
    package func add(pid: Int32) throws(ControlGroupTree.Refusal) {
        try ControlGroupTree.write("\(pid)", to: folder.appending("cgroup.procs"))
    }

    /// How many of the group's processes the kernel killed for want of memory; `nil` if the group does not tell.
    package var outOfMemoryKills: Int? {
        (try? ProcFile.read(folder.appending("memory.events"))).flatMap { ProcFile.count("oom_kill", in: $0) }
    }

    /// What the group takes now, file pages that it read first included; `nil` if the group does not tell.
    package var current: MemorySize? {
        (try? ProcFile.read(folder.appending("memory.current"))).flatMap { text in
            text.split(separator: "\n").first.flatMap { Int($0) }.map(MemorySize.init(bytes:))
        }
    }

    /// Removes the group, after its last process has ended. What it had in the page cache moves to the group above.
    ///
    /// - Throws: a refusal while it still has processes.
    package func remove() throws(ControlGroupTree.Refusal) {
        do throws(Errno) {
            try folders.remove(folder)
        } catch .noSuchFileOrDirectory {
            // Nothing to do.
        } catch {
            throw ControlGroupTree.Refusal(description: "cgroup \(folder) cannot be removed: \(error)")
        }
    }
}
