package import SaraiCore
import SystemPackage

/// The memory of this machine, or of the part of it that a container may use.
package struct MachineMemory: Hashable, Sendable, Codable {
    /// What is built in. Source: `MemTotal` in `/proc/meminfo`.
    package var total: MemorySize
    /// What new work can have without swapping, caches that can be dropped included. Source: `MemAvailable`.
    package var available: MemorySize
    /// What the cgroup (a container, a systemd unit) may take at most, if it is limited below the machine.
    package var limit: MemorySize?

    /// The memory of a machine.
    package init(total: MemorySize, available: MemorySize, limit: MemorySize? = nil) {
        self.total = total
        self.available = available
        self.limit = limit
    }

    /// What this process and its children can have at the very most.
    package var usable: MemorySize {
        limit.map { min($0, total) } ?? total
    }

    /// Reads `/proc/meminfo` and the limits of the cgroups (version 2) that this process is in.
    ///
    /// - Parameter root: the folder that holds `proc` and `sys`; another one in tests.
    /// - Returns: what there is now.
    /// - Throws: if the operating system does not tell.
    package static func read(root: String = "/") throws(MeasurementError) -> MachineMemory {
        let text: String
        let root = FilePath(root)
        do {
            text = try ProcFile.read(root.appending("proc/meminfo"))
        } catch {
            throw MeasurementError(
                .unavailable, "the machine's memory cannot be read from /proc/meminfo: \(error)",
                cause: error.description)
        }
        guard var machine = MachineMemory(meminfo: text) else {
            throw MeasurementError(.malformed, "/proc/meminfo has no MemTotal or no MemAvailable")
        }
        if let group = ControlGroupMemory.read(root: root), group.limit < machine.total {
            machine.limit = group.limit
            machine.available = min(machine.available, group.free)
        }
        return machine
    }

    /// Reads the text of `/proc/meminfo`.
    init?(meminfo text: String) {
        var total: Int?, available: Int?
        for line in text.split(separator: "\n") {
            total = total ?? ProcFile.kilobytes("MemTotal", in: line)
            available = available ?? ProcFile.kilobytes("MemAvailable", in: line)
        }
        guard let total, let available else {
            return nil
        }
        self.init(total: MemorySize(bytes: total), available: MemorySize(bytes: available))
    }
}
