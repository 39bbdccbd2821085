#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
package import SaraiCore
import SystemPackage

/// Measures the memory of one process.
package enum ProcessMemory {
    /// The memory that a process takes now.
    ///
    /// Costs about 10 ms for each gigabyte that the process has resident: the kernel walks its page tables.
    ///
    /// - Parameters:
    ///   - pid: a process of the same user.
    ///   - root: the folder that holds `proc`; another one in tests.
    /// - Returns: what it takes now.
    /// - Throws: if it has ended, belongs to another user, or the operating system does not tell.
    package static func read(pid: Int32, root: String = "/") throws(MeasurementError) -> MeasuredMemory {
        try read(process: "\(pid)", root: root)
    }

    /// The memory that this process itself takes now.
    package static func own(root: String = "/") throws(MeasurementError) -> MeasuredMemory {
        try read(process: "self", root: root)
    }

    /// The memory that a worker takes now, by kind.
    ///
    /// The kernel's part costs what ``read(pid:root:)`` costs; taking its text of 60 KiB and more apart comes on top.
    /// So this is for whoever asks, and the rollup for samples.
    ///
    /// - Parameters:
    ///   - pid: a process of the same user.
    ///   - modelFiles: paths of the files that hold its weights.
    ///   - root: the folder that holds `proc`; another one in tests.
    /// - Returns: what it takes now.
    /// - Throws: if it has ended, belongs to another user, or the operating system does not tell.
    package static func kinds(
        pid: Int32, modelFiles: [String], root: String = "/"
    ) throws(MeasurementError) -> WorkerMemory {
        try mappings(process: "\(pid)", models: Set(modelFiles.map(withoutLinks)), root: root)
    }

    /// The most that a process ever had resident, by the kernel's own count: no peak between two samples is missed.
    ///
    /// Costs some microseconds. Counts as a whole the pages that are shared with other processes, such as the engine's
    /// libraries. Source: `VmHWM` in proc(5).
    ///
    /// - Parameters:
    ///   - pid: a process.
    ///   - root: the folder that holds `proc`; another one in tests.
    /// - Returns: the largest resident set so far.
    /// - Throws: if it has ended, or the operating system does not tell.
    package static func peak(pid: Int32, root: String = "/") throws(MeasurementError) -> MemorySize {
        let text: String
        do {
            text = try ProcFile.read(folder("\(pid)", root).appending("status"))
        } catch {
            throw failure("\(pid)", error)
        }
        let peak = text.split(separator: "\n").lazy.compactMap { ProcFile.kilobytes("VmHWM", in: $0) }.first
        guard let peak else {
            // A process that has ended but was not waited for has no memory left to tell of.
            throw MeasurementError(.processGone, "process \(pid) has ended")
        }
        return MemorySize(bytes: peak)
    }

    private static func read(process: String, root: String) throws(MeasurementError) -> MeasuredMemory {
        do {
            if let measured = Smaps.rollup(try ProcFile.read(folder(process, root).appending("smaps_rollup"))) {
                return measured
            }
        } catch .noSuchFileOrDirectory {
            // Either the kernel has no rollups or the process is gone; the next file tells which.
        } catch {
            throw failure(process, error)
        }
        return try mappings(process: process, models: [], root: root).measured
    }

    private static func mappings(
        process: String, models: Set<String>, root: String
    ) throws(MeasurementError) -> WorkerMemory {
        let text: String
        do {
            text = try ProcFile.read(folder(process, root).appending("smaps"), limit: 256 << 20)
        } catch {
            throw failure(process, error)
        }
        guard let measured = Smaps.mappings(text, models: models) else {
            // A process that has ended but was not waited for has no mappings left.
            throw MeasurementError(.processGone, "process \(process) has ended")
        }
        return measured
    }

    private static func folder(_ process: String, _ root: String) -> FilePath {
        FilePath(root).appending("proc").appending(process)
    }

    /// The path as the kernel names a mapped file.
    private static func withoutLinks(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else {
            return path
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func failure(_ process: String, _ error: Errno) -> MeasurementError {
        switch error {
        case .noSuchFileOrDirectory, .noSuchProcess:
            MeasurementError(.processGone, "there is no process \(process)", cause: error.description)
        case .permissionDenied, .notPermitted:
            MeasurementError(
                .notPermitted, "the memory of process \(process) may not be read: it belongs to another user",
                cause: error.description)
        default:
            MeasurementError(
                .unavailable, "the memory of process \(process) cannot be read: \(error)", cause: error.description)
        }
    }
}
