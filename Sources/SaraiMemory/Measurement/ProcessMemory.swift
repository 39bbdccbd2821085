import SystemPackage

/// Measures the memory of one process.
package enum ProcessMemory {
    /// The memory that a process takes now.
    ///
    /// Costs some milliseconds for a process with gigabytes mapped: the kernel walks its page tables.
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

    private static func read(process: String, root: String) throws(MeasurementError) -> MeasuredMemory {
        let folder = FilePath(root).appending("proc").appending(process)
        do {
            if let measured = Smaps.rollup(try ProcFile.read(folder.appending("smaps_rollup"))) {
                return measured
            }
        } catch .noSuchFileOrDirectory {
            // Either the kernel has no rollups or the process is gone; the next file tells which.
        } catch {
            throw failure(process, error)
        }
        let text: String
        do {
            text = try ProcFile.read(folder.appending("smaps"), limit: 256 << 20)
        } catch {
            throw failure(process, error)
        }
        guard let measured = Smaps.mappings(text) else {
            // A process that has ended but was not waited for has no mappings left.
            throw MeasurementError(.processGone, "process \(process) has ended")
        }
        return measured
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
