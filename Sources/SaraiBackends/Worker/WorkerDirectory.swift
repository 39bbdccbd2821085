#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Foundation
import Synchronization
import SystemPackage

/// A daemon's own directory for its workers' sockets, readable by its user alone.
///
/// The directory holds a lock for as long as the daemon lives. A directory whose lock is free belonged to a daemon that
/// is gone: its workers, if any survived, are ended and the directory removed.
package final class WorkerDirectory: Sendable {
    /// Absolute path of the directory.
    package let path: String
    /// Held until the directory is removed.
    private let lock: Mutex<FileDescriptor?>

    /// Makes the directory `instance` below `runtime`, after clearing what dead daemons left there.
    ///
    /// - Parameters:
    ///   - runtime: the folder for all daemons of this user.
    ///   - instance: names this daemon; two daemons of one user need two names.
    /// - Throws: when a folder cannot be made, or another living daemon has the same name.
    package init(runtime: String, instance: String) throws {
        try PrivateFolder.make(runtime)
        Self.reap(runtime)
        path = "\(runtime)/\(instance)"
        try PrivateFolder.make(path)
        guard let lock = try Self.takeLock(path) else {
            throw WorkerDirectoryInUse(path: path)
        }
        self.lock = Mutex(lock)
    }

    deinit {
        remove()
    }

    /// Removes the directory, once no worker needs it any more; further calls do nothing.
    package func remove() {
        lock.withLock { lock in
            guard let held = lock else {
                return
            }
            try? FileManager.default.removeItem(atPath: path)
            try? held.close()
            lock = nil
        }
    }

    /// Takes the lock of an instance; `nil` if a living daemon has it.
    private static func takeLock(_ folder: String) throws -> FileDescriptor? {
        let file = try FileDescriptor.open(
            "\(folder)/daemon.lock", .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try file.close()
            return nil
        }
        return file
    }

    /// Clears the directories of daemons that are gone.
    private static func reap(_ runtime: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: runtime)) ?? [] {
            let folder = "\(runtime)/\(name)"
            guard FileManager.default.fileExists(atPath: "\(folder)/daemon.lock"), let lock = try? takeLock(folder)
            else {
                continue
            }
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                if file.hasSuffix(".pid") {
                    endWorker(pidFile: "\(folder)/\(file)", folder: folder)
                }
            }
            try? FileManager.default.removeItem(atPath: folder)
            try? lock.close()
        }
    }

    /// Kills the process of a pid file, if it still is the worker that the file was written for.
    ///
    /// Process ids are reused; a worker is known by the socket in its command line.
    private static func endWorker(pidFile: String, folder: String) {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
            let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1,
            let command = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
            String(decoding: command, as: UTF8.self).contains(folder + "/")
        else {
            return
        }
        kill(pid, SIGKILL)
    }
}

/// Two daemons want the same directory.
package struct WorkerDirectoryInUse: Error, CustomStringConvertible {
    /// The directory.
    package let path: String

    package var description: String {
        "another Sarai that listens there is running (its sockets are in \(path)). End it, or choose another address with --listen."
    }
}
