import Foundation
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiBackends

/// The engine and the smallest real model, where `make test` installs them.
enum Installation {
    static var dataFolder: String {
        let environment = ProcessInfo.processInfo.environment
        let shared = environment["XDG_DATA_HOME"] ?? "\(environment["HOME"] ?? "")/.local/share"
        return environment["SARAI_HOME"] ?? "\(shared)/sarai"
    }

    static var model: String { "\(dataFolder)/models/SmolLM2-135M-Instruct-Q4_1.gguf" }

    static var engine: String? {
        try? EngineLocator.locate(configured: nil, dataFolder: dataFolder, path: "")
    }

    static var isComplete: Bool {
        engine != nil && FileManager.default.fileExists(atPath: model)
    }
}

/// Runs the engine with the smallest real model, and ends it after `body`.
func withEngine(
    limits: WorkerLimits = WorkerLimits(), ending: WorkerEnding = .stopping,
    _ body: (RunningWorker) async throws -> Void = { _ in }
) async throws -> WorkerExit? {
    let settings = LlamaServerSettings(
        gguf: Installation.model, mmproj: nil, load: LoadSettings(contextLength: 2048), threads: 2)
    return try await withWorker(
        engine: try #require(Installation.engine), settings: settings, limits: limits, ending: ending, body)
}

@Suite(.enabled(if: Installation.isComplete)) struct EngineWorkerTests {
    /// Below these limits the engine fails in different places: the context, a graph, a thread.
    @Test(arguments: [40, 100, 130, 190])
    func aLimitThatIsTooLowIsReportedAsWantOfMemory(mebibytes: Int) async throws {
        let exit = try await withEngine(limits: WorkerLimits(data: .mebibytes(mebibytes)), ending: .waiting)
        #expect(exit?.memory == .allocationFailed, "\(exit?.description ?? "")")
        #expect(exit?.description.hasPrefix("the worker ran out of memory and") == true)
    }

    @Test func aLoadedWorkerIsHeldStillAndThenStops() async throws {
        let exit = try await withEngine(limits: WorkerLimits(data: .mebibytes(700))) { worker in
            let pid = try await worker.pid()
            try await worker.ready()
            worker.control.pause()
            #expect(try await state(of: pid) { $0 == "T" } == "T")
            worker.control.resume()
            #expect(try await state(of: pid) { $0 != "T" } != "T")
            worker.control.pause()
        }
        // Not killed: it has heard that its standard input is closed, and ends in one of the ways of the engine then.
        switch exit?.status {
        case .exited, .signalled(Int(SIGABRT)): break
        default: Issue.record("\(exit?.description ?? "no exit")")
        }
    }
}
