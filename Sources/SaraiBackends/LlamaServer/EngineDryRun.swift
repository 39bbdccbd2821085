import Foundation
import SaraiCore
package import SaraiMemory
import Subprocess
import Synchronization

/// Asks the engine what a model will take, without loading it.
///
/// llama-server plans its buffers before it touches the weights, and reports their sizes with `--log-jsonl`. So it is
/// started with a worker's own arguments and killed at its report: 0.1 s for SOLAR, 0.1 s for LFM2, 0.3 s for
/// Qwen2.5-Omni, 0.5 s for models with gemma's vocabulary, 0.8 s for multilingual-e5-small, whose tokenizer builds a tree of
/// its 250 037 tokens (on 2 quiet cores). The vocabulary is the part that takes time; the weights' size does not matter.
///
/// It runs in a process of its own: a file that makes the engine crash ends that process and nothing else.
package struct EngineDryRun: Sendable {
    private let engine: String
    private let settings: LlamaServerSettings
    private let timeout: Duration

    /// A dry run.
    ///
    /// - Parameters:
    ///   - engine: path of llama-server.
    ///   - settings: the worker's. The projector is left out, for the report does not count it.
    ///   - timeout: after which the engine is killed.
    package init(engine: String, settings: LlamaServerSettings, timeout: Duration = .seconds(10)) {
        self.engine = engine
        self.settings = settings
        self.timeout = timeout
    }

    /// Runs the engine until it reports.
    ///
    /// - Returns: the engine's figures.
    /// - Throws: ``EngineDryRunError``, or `CancellationError`. The process is gone in any case.
    package func run() async throws -> EngineBuffers {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString.prefix(8))").path
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EngineDryRunError(
                .notStarted, "cannot make the folder \(folder) for a dry run of the engine: \(error)")
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = Mutex(EngineDryRunLog())
        // It reads a stranger's file as a worker does, and needs the network as little.
        let network = await settings.rpc.isEmpty ? NetworkIsolation.probe() : .none
        let isTimedOut: Bool
        let status: TerminationStatus
        do {
            let result = try await Subprocess.run(
                commandLine(socket: "\(folder)/dry.sock", network), input: .none, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                await watch(execution) { line, process in log.withLock { $0.read(line, process: process) } }
            }
            isTimedOut = result.closureResult
            status = result.terminationStatus
        } catch {
            try Task.checkCancellation()
            throw EngineDryRunError(.notStarted, "the engine \(engine) could not be started: \(error)")
        }
        if let buffers = log.withLock({ $0.buffers }) {
            return buffers
        }
        try Task.checkCancellation()
        throw failure(isTimedOut: isTimedOut, status: status, error: log.withLock { $0.error })
    }

    /// Reads what the engine writes until its report, its end or the timeout, and kills it.
    ///
    /// - Parameters:
    ///   - execution: the engine's process.
    ///   - read: takes a line; it returns whether there is no need of another.
    /// - Returns: whether the time was up.
    private func watch(
        _ execution: Execution<NoInput, SequenceOutput, CombinedErrorOutput>,
        read: @escaping @Sendable (String, () -> MemorySize) -> Bool
    ) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // A reading error means that the pipe is gone, and with it the process.
                _ = try? await execution.standardOutput.strings(bufferingPolicy: .unbounded).first { line in
                    read(line) { Self.privateMemory(of: execution) }
                }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: timeout)
                let isTimedOut = !Task.isCancelled
                // Ends the reading above too, which may then be noticed first.
                try? execution.send(signal: .kill)
                return isTimedOut
            }
            let first = await group.next() ?? false
            group.cancelAll()
            let second = await group.next() ?? false
            return first || second
        }
    }

    private static func privateMemory(of execution: Execution<NoInput, SequenceOutput, CombinedErrorOutput>)
        -> MemorySize
    {
        (try? ProcessMemory.read(pid: Int32(execution.processIdentifier.value)))?.hard ?? .zero
    }

    private func failure(isTimedOut: Bool, status: TerminationStatus, error: String?) -> EngineDryRunError {
        if isTimedOut {
            return EngineDryRunError(
                .timedOut, "the engine did not report the memory of \(settings.gguf) within \(timeout)")
        }
        if let error {
            return EngineDryRunError(.refused, "the engine refuses \(settings.gguf): \(error)")
        }
        return EngineDryRunError(
            .unsupported,
            "the engine \(engine) does not report the memory of \(settings.gguf) (\(status)); "
                + "Sarai estimates it from the file's header instead")
    }

    /// The command: the worker's arguments without the projector, and those that make the engine report.
    private func commandLine(socket: String, _ network: NetworkIsolation) -> Subprocess.Configuration {
        // The report is part of `--fit`, which changes no setting that is given explicitly.
        let arguments =
            settings.memoryArguments + ["--host", socket, "--fit", "on", "--log-jsonl", "--offline", "--no-ui"]
        var options = PlatformOptions()
        options.processGroupID = 0
        // What happens when the task is cancelled: there is nothing to tidy up.
        options.teardownSequence = []
        let command = WorkerCommand(arguments: [engine] + arguments, environment: LlamaServerSettings.environment)
        let environment = ModelWorker.environment(of: command, inheriting: ProcessInfo.processInfo.environment)
        let wrapped = ModelWorker.wrapped(command.arguments, WorkerLimits(network: network))
        return Subprocess.Configuration(
            executable: wrapped.executable, arguments: Arguments(wrapped.arguments),
            environment: .custom(environment), platformOptions: options)
    }
}

/// What a dry run has read so far.
struct EngineDryRunLog: Sendable {
    /// The engine's figures, once it has reported.
    private(set) var buffers: EngineBuffers?
    /// The error that says best what is wrong.
    private(set) var error: String?

    /// Reads a line.
    ///
    /// - Returns: whether that was the report.
    mutating func read(_ line: String, process: () -> MemorySize) -> Bool {
        switch EngineDryRunRecord(line: line, process: process()) {
        case .buffers(let buffers):
            self.buffers = buffers
            return true
        case .error(let message):
            // The first error is the cause; the others follow from it.
            error = error ?? message
            return false
        case nil:
            return false
        }
    }
}
