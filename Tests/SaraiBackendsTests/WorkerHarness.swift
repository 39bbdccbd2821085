import AsyncHTTPClient
import Foundation
import SaraiCore
import SaraiMemory
import Synchronization

@testable import SaraiBackends

/// A worker that runs while a test looks at it.
struct RunningWorker: Sendable {
    let control: WorkerControl
    /// The unix socket that it listens on.
    let socket: String
    fileprivate let events: AsyncStream<ModelWorker.Event>

    /// Waits until it tells that it loads.
    func loading() async throws {
        for await case .loading in events {
            return
        }
        throw WorkerNeverStarted()
    }

    /// Waits until it answers requests.
    func ready() async throws {
        for await case .ready in events {
            return
        }
        throw WorkerNeverStarted()
    }

    /// Its process id, as soon as it has one.
    func pid() async throws -> Int {
        for await case .started(let pid) in events {
            return pid
        }
        throw WorkerNeverStarted()
    }
}

/// A worker ended before it began.
struct WorkerNeverStarted: Error {}

/// How a test ends its worker.
enum WorkerEnding {
    case stopping, cancelling
    /// Not at all: it ends by itself.
    case waiting
}

/// Runs a script as the engine of a worker, and ends it after `body`.
///
/// - Returns: how the worker ended.
@discardableResult
func withWorker(
    _ script: String, control: WorkerControl = WorkerControl(), limits: WorkerLimits = WorkerLimits(),
    ending: WorkerEnding = .stopping, _ body: (RunningWorker) async throws -> Void = { _ in }
) async throws -> WorkerExit? {
    try await withTemporaryEngine(script) { engine in
        let settings = LlamaServerSettings(
            gguf: "/m.gguf", mmproj: nil, load: LoadSettings(contextLength: 512), threads: 1)
        return try await withWorker(
            engine: engine, settings: settings, control: control, limits: limits, ending: ending, body)
    }
}

/// Makes a script executable for as long as `body` runs.
func withTemporaryEngine<Result>(_ script: String, _ body: (String) async throws -> Result) async throws
    -> Result
{
    let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let engine = folder + "/engine"
    try Data(script.utf8).write(to: URL(filePath: engine))
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: engine)
    return try await body(engine)
}

/// Runs an engine with these settings, and ends it after `body`.
///
/// - Returns: how the worker ended.
@discardableResult
func withWorker(
    engine: String, settings: LlamaServerSettings, control: WorkerControl = WorkerControl(),
    limits: WorkerLimits = WorkerLimits(), ending: WorkerEnding = .stopping,
    _ body: (RunningWorker) async throws -> Void
) async throws -> WorkerExit? {
    try await withWorker(
        command: { settings.command(engine: engine, socket: $0) }, control: control, limits: limits, ending: ending,
        body)
}

/// Runs a command, which gets to know its socket, and ends it after `body`.
///
/// - Returns: how the worker ended.
@discardableResult
func withWorker(
    command: (String) -> WorkerCommand, control: WorkerControl = WorkerControl(),
    limits: WorkerLimits = WorkerLimits(), ending: WorkerEnding = .stopping,
    _ body: (RunningWorker) async throws -> Void
) async throws -> WorkerExit? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (events, event) = AsyncStream.makeStream(of: ModelWorker.Event.self)
    let (stops, stop) = AsyncStream.makeStream(of: Void.self)
    return try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 1) { client in
        let files = WorkerFiles(
            name: "w", socket: folder + "/w.sock", pid: folder + "/w.pid", log: folder + "/w.log")
        let worker = ModelWorker(
            command: command(files.socket), files: files, limits: limits, client: client, loadTimeout: .seconds(60))
        return try await withThrowingTaskGroup(of: WorkerExit.self) { group in
            group.addTask {
                defer { event.finish() }
                return await worker.run(stop: stops, control: control) { event.yield($0) }
            }
            try await body(RunningWorker(control: control, socket: folder + "/w.sock", events: events))
            switch ending {
            case .stopping: stop.finish()
            case .cancelling: group.cancelAll()
            case .waiting: break
            }
            return try await group.next()
        }
    }
}

/// The state of a process as `/proc/PID/stat` has it, when `isWanted` says yes or ten seconds have passed.
func state(of pid: Int, _ isWanted: (String) -> Bool) async throws -> String {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The name before it is in brackets and may hold anything.
        let state = text.split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
        if isWanted(state) || ContinuousClock.now > deadline {
            return state
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
