import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines

/// Whether this machine has the memory and the folders.
enum MachineChecks {
    /// Whether the plan fits into the budget, and into what the machine has to give now.
    static func memory(_ plan: ConfigurationPlan, daemonRuns: Bool) -> [Check] {
        let memory = plan.memory, machine = memory.machine, total = memory.total.resident + memory.reserve
        var checks: [Check] = []
        let messages = plan.messages
        if memory.fits || messages.isEmpty {
            let figures = "\(total) of \(memory.ceiling), \(memory.headroom) left"
            let isWhole = plan.entries.allSatisfy { $0.fault == nil }
            checks.append(
                isWhole
                    ? .ok("memory plan", ([figures] + messages).joined(separator: "\n"))
                    : .warn("memory plan", "without the files that cannot be used: \(figures)"))
        } else {
            let way = memory.waysOut.first.map { "\($0.text). " } ?? ""
            let more =
                memory.waysOut.count > 1
                ? "'sarai plan' shows more ways out." : "'sarai plan' shows what takes how much."
            checks.append(.fail("memory plan", messages.joined(separator: "\n"), advice: way + more))
        }
        let figures = "\(machine.usable), of which \(machine.available) are available"
        // What a running daemon has loaded is not available any more, and need not be.
        if machine.available < total, !daemonRuns {
            checks.append(
                .warn(
                    "machine memory", "\(figures); the models will need \(total)",
                    advice: "End other programs, or the machine will swap."))
        } else {
            checks.append(.ok("machine memory", figures))
        }
        return checks
    }

    /// Whether the daemon can write where it must, and make its sockets.
    static func folders(_ paths: SaraiPaths) -> [Check] {
        let length = paths.runtime.utf8.count + SaraiPaths.socketPathBudget
        let limit = ListenAddress.maximumSocketPath
        let runtime =
            length > limit
            ? Check.fail(
                "runtime folder",
                "\(paths.runtime) is too deep: a socket's path would have \(length) of at most \(limit) bytes",
                advice: "Set SARAI_HOME or XDG_RUNTIME_DIR to a shorter path.")
            : writable("runtime folder", paths.runtime)
        return [runtime, writable("state folder", paths.state)]
    }

    private static func writable(_ name: String, _ path: String) -> Check {
        var isFolder: ObjCBool = false
        var existing = URL(filePath: path)
        while existing.path != "/", !FileManager.default.fileExists(atPath: existing.path, isDirectory: &isFolder) {
            existing.deleteLastPathComponent()
        }
        let isThere = existing.path == URL(filePath: path).path
        guard isFolder.boolValue || existing.path == "/", FileManager.default.isWritableFile(atPath: existing.path)
        else {
            return .fail(
                name, "\(path) cannot be written: look at \(existing.path)",
                advice: "Correct its permissions, or set SARAI_HOME to a folder of yours.")
        }
        return .ok(name, isThere ? path : "\(path) will be made")
    }
}
