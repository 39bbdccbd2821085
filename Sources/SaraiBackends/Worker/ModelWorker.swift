package import AsyncHTTPClient
import Foundation
import SaraiCore
import Subprocess
import SystemPackage

/// One process that serves a model, from its start to its end.
///
/// Which program it is does not matter: it listens on the unix socket that its command names, answers `GET /health` with
/// 503 until it is loaded and then with 200, and ends when its standard input does. It may tell its progress on standard
/// output, and logs on standard error. That is how llama-server does it.
package struct ModelWorker: Sendable {
    /// What a worker tells while it runs.
    package enum Event: Hashable, Sendable {
        /// The process exists.
        case started(pid: Int)
        /// Loading; the share that is done, 0…1.
        case loading(progress: Double)
        /// It answers requests.
        case ready
    }

    let command: WorkerCommand
    let files: WorkerFiles
    let limits: WorkerLimits
    private let client: HTTPClient
    private let loadTimeout: Duration

    /// A worker to be run.
    ///
    /// - Parameters:
    ///   - command: what it runs; it listens on the socket of `files`.
    ///   - files: its socket, pid file and log.
    ///   - limits: what the kernel holds it to.
    ///   - client: for health checks.
    ///   - loadTimeout: from start to ready.
    package init(
        command: WorkerCommand, files: WorkerFiles, limits: WorkerLimits = WorkerLimits(), client: HTTPClient,
        loadTimeout: Duration
    ) {
        self.command = command
        self.files = files
        self.limits = limits
        self.client = client
        self.loadTimeout = loadTimeout
    }

    /// Runs the process until it ends, by itself or because of `stop`.
    ///
    /// Cancelling the calling task ends the process too.
    ///
    /// - Parameters:
    ///   - stop: its first element, or its end, ends the process: its standard input closes, then SIGTERM, then
    ///     SIGKILL.
    ///   - control: holds the process still and lets it go on; for this run alone.
    ///   - report: called for each event, in order.
    /// - Returns: how the process ended.
    package func run(
        stop: AsyncStream<Void>, control: WorkerControl = WorkerControl(), report: @escaping @Sendable (Event) -> Void
    ) async -> WorkerExit {
        let log: FileDescriptor
        do {
            log = try openLog()
            try command.script?.write()
        } catch {
            return WorkerExit(.notStarted("cannot write the files of the worker, \(files.log) and others: \(error)"))
        }
        try? FileManager.default.removeItem(atPath: files.socket)
        defer {
            try? log.close()
            for path in [files.socket, files.pid, command.script?.path].compactMap(\.self) {
                try? FileManager.default.removeItem(atPath: path)
            }
        }
        let kills = MemoryKills(group: limits.group)
        do {
            let result = try await Subprocess.run(
                commandLine(), input: .inputWriter, output: .sequence,
                error: .fileDescriptor(log, closeAfterSpawningProcess: false)
            ) { execution in
                let pid = execution.processIdentifier.value
                // The library reaps the process only after this closure has returned.
                control.begin(pid: pid)
                defer { control.end() }
                await note(pid)
                report(.started(pid: Int(pid)))
                return await withTaskCancellationHandler {
                    await supervise(execution, stop: stop, control: control, report: report)
                } onCancel: {
                    // The library now asks the process to end; held still, it would not hear it.
                    control.end()
                }
            }
            guard result.closureResult == .ended else {
                return WorkerExit(.loadTimeout(loadTimeout))
            }
            return exit(result.terminationStatus, kills: kills)
        } catch {
            return WorkerExit(.notStarted("\(error)"))
        }
    }

    /// Why supervision ended.
    private enum Verdict: Hashable {
        case ended, timedOut
    }

    /// Watches a running process: what it says, its health until it is ready, and whether it shall stop.
    private func supervise(
        _ execution: Execution<CustomWriteInput, SequenceOutput, FileDescriptorOutput>, stop: AsyncStream<Void>,
        control: WorkerControl, report: @escaping @Sendable (Event) -> Void
    ) async -> Verdict {
        let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return await withTaskGroup(of: Verdict?.self) { group in
            // Looks come regularly, and one more when the worker itself says that it is ready.
            group.addTask {
                repeat {
                    try? await Task.sleep(for: .milliseconds(50))
                } while !Task.isCancelled && look.yield().isWanted
                return nil
            }
            // Standard output closes when the process ends, whatever ended it.
            group.addTask {
                // A reading error means that the pipe is gone, and with it the process.
                try? await Self.readStatus(execution.standardOutput, look: look, report: report)
                return .ended
            }
            group.addTask {
                if await becomesReady(looks: looks) {
                    look.finish()
                    report(.ready)
                    return nil
                }
                guard !Task.isCancelled else {
                    return nil
                }
                control.end()
                await execution.teardown(using: Self.teardown)
                return .timedOut
            }
            group.addTask {
                for await _ in stop {
                    break
                }
                // A cancellation is answered by the subprocess library itself; two signals would be one too many.
                guard !Task.isCancelled else {
                    return nil
                }
                control.end()
                // A loaded llama-server ends at once when its standard input closes; by a signal it first tidies up for
                // seconds, and there is nothing that needs tidying: it is only stopped when no request is running.
                try? await execution.standardInputWriter.finish()
                await execution.teardown(using: Self.teardown)
                return nil
            }
            var verdict = Verdict.ended
            for await result in group {
                guard let result else {
                    continue
                }
                verdict = result
                break
            }
            group.cancelAll()
            return verdict
        }
    }

    private static func readStatus(
        _ output: SubprocessOutputSequence, look: AsyncStream<Void>.Continuation,
        report: @Sendable (Event) -> Void
    ) async throws {
        for try await line in output.strings(bufferingPolicy: .unbounded) {
            switch LlamaServerStatus(line: line) {
            case .loading(_, let progress): report(.loading(progress: progress))
            case .ready: look.yield()
            case nil: break
            }
        }
    }

    /// How long one question for health may take.
    private static let healthTimeout = Duration.seconds(2)

    /// Asks for health at each of `looks` until the answer is yes.
    ///
    /// - Returns: `false` if the load timeout passed first.
    private func becomesReady(looks: AsyncStream<Void>) async -> Bool {
        let worker = UpstreamClient(client: client, endpoint: .unixSocket(files.socket))
        let deadline = ContinuousClock.now + loadTimeout
        for await _ in looks {
            if (try? await worker.get("/health", timeout: Self.healthTimeout)) != nil {
                return true
            }
            if ContinuousClock.now >= deadline {
                return false
            }
        }
        return false
    }
}

extension AsyncStream.Continuation.YieldResult {
    /// Whether anybody is still there for further elements.
    fileprivate var isWanted: Bool {
        if case .terminated = self {
            return false
        }
        return true
    }
}
