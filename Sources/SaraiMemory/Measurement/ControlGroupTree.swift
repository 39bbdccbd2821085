#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
package import SaraiCore
import SystemPackage

/// The cgroup (version 2) that was delegated to this daemon, divided into one group for itself and one per worker.
///
/// A group's processes cannot take more than the group's limit, whatever kind of memory it is, and what happens for
/// want of memory is counted by worker. systemd delegates with `Delegate=yes`; a user's own session needs `systemd-run
/// --user --scope -p Delegate=yes`. Source: Documentation/admin-guide/cgroup-v2.rst.
package struct ControlGroupTree: Sendable {
    /// Why there is no tree, or no group for a worker: a sentence for the log. The daemon works without, too.
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        /// What is in the way.
        package let description: String
    }

    private let folder: FilePath
    private let hasProcessorShares: Bool
    private let folders: ControlGroupFolders

    /// Takes over the cgroup that this process is in: moves the process into a group `daemon` below it, and makes
    /// limits possible for the groups beside that one.
    ///
    /// A group that holds processes cannot divide its memory, so this works only in a group that holds nothing but this
    /// process: a service or scope of its own. Nothing is changed where it does not work.
    ///
    /// - Parameters:
    ///   - pid: this process.
    ///   - root: the folder that holds `proc` and `sys`; another one in tests.
    ///   - folders: makes and removes groups; in tests it also makes the files that the kernel would.
    /// - Returns: what can make groups for workers.
    /// - Throws: ``Refusal`` where there is no cgroup version 2, or it is not delegated.
    package static func takeOver(
        pid: Int32, root: String = "/", folders: ControlGroupFolders = .kernel
    ) throws(Refusal) -> ControlGroupTree {
        let root = FilePath(root)
        guard let folder = ControlGroupPath.own(root: root)?.folder(root: root),
            let available = try? ProcFile.read(folder.appending("cgroup.controllers"))
        else {
            throw Refusal(description: "this system has no cgroups of version 2")
        }
        let controllers = available.split(whereSeparator: \.isWhitespace)
        guard controllers.contains("memory") else {
            throw Refusal(description: "the memory of cgroup \(folder) cannot be divided: it lacks that controller")
        }
        for file in ["cgroup.procs", "cgroup.subtree_control"] {
            let path = folder.appending(file)
            guard path.withPlatformString({ access($0, W_OK) }) == 0 else {
                throw Refusal(description: "cgroup \(folder) is not delegated to this user: \(path) is not writable")
            }
        }
        let members = try read(folder.appending("cgroup.procs")).split(whereSeparator: \.isWhitespace)
        guard members == ["\(pid)"] else {
            throw Refusal(description: "cgroup \(folder) holds other processes than this daemon")
        }
        let daemon = folder.appending("daemon")
        try make(daemon, folders)
        try write("\(pid)", to: daemon.appending("cgroup.procs"))
        let sharesProcessor = controllers.contains("cpu")
        do throws(Refusal) {
            try write(sharesProcessor ? "+memory +cpu" : "+memory", to: folder.appending("cgroup.subtree_control"))
        } catch {
            // Back to where it was, as far as the kernel allows.
            try? write("\(pid)", to: folder.appending("cgroup.procs"))
            try? folders.remove(daemon)
            throw error
        }
        return ControlGroupTree(folder: folder, hasProcessorShares: sharesProcessor, folders: folders)
    }

    /// Makes the group of a worker that is about to start.
    ///
    /// - Parameters:
    ///   - name: unique among the workers, without slashes: `worker-0-solar`.
    ///   - limit: `memory.max`. At the limit the kernel first drops the group's file pages, then kills the group as a
    ///     whole. So it must leave room for the private memory, and for as much of the mapped weights as shall never be
    ///     read twice.
    /// - Returns: the group, still empty.
    /// - Throws: ``Refusal`` if the group cannot be made or limited.
    package func makeGroup(_ name: String, limit: MemorySize) throws(Refusal) -> ControlGroup {
        let path = folder.appending(name)
        try Self.make(path, folders)
        let group = ControlGroup(folder: path, folders: folders)
        do throws(Refusal) {
            // No `memory.high`: it slows a worker down without end instead of ending it, and its requests with it. Swap
            // stays as the machine's owner has it.
            try Self.write("\(limit.bytes)", to: path.appending("memory.max"))
            // What the worker started (a decoder of videos) goes with it.
            try Self.write("1", to: path.appending("memory.oom.group"))
            if hasProcessorShares {
                // Between groups the niceness of processes does not count: the daemon's group comes first by this.
                try Self.write("5", to: path.appending("cpu.weight.nice"))
            }
        } catch {
            try? folders.remove(path)
            throw error
        }
        return group
    }

    private static func make(_ path: FilePath, _ folders: ControlGroupFolders) throws(Refusal) {
        do throws(Errno) {
            try folders.make(path)
        } catch .fileExists {
            // Left by an earlier run, without processes.
        } catch {
            throw Refusal(description: "cgroup \(path) cannot be made: \(error)")
        }
    }

    private static func read(_ path: FilePath) throws(Refusal) -> String {
        do throws(Errno) {
            return try ProcFile.read(path)
        } catch {
            throw Refusal(description: "\(path) cannot be read: \(error)")
        }
    }

    /// Writes a value into a control file that the kernel has made.
    static func write(_ text: String, to path: FilePath) throws(Refusal) {
        do {
            let descriptor = try FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
            _ = try descriptor.closeAfter { try descriptor.writeAll(text.utf8) }
        } catch {
            throw Refusal(description: "\(path) cannot be set to \(text): \(error)")
        }
    }
}
