import Foundation
import SaraiCore

import Testing

@testable import SaraiBackends
@testable import SaraiMemory

@Suite struct EngineDryRunTests {
    private static let report =
        #"{"type":"fit_memory_breakdown","data":{"unit":"MiB","rows":["#
        + #"{"kind":"host","name":"Host","self":306,"model":212,"context":24,"compute":70},"#
        + #"{"kind":"buffer_type","name":"CPU_REPACK","self":482,"model":482,"context":0,"compute":0}]}}"#

    /// Runs a script in the engine's place.
    private func run(_ script: String, timeout: Duration = .seconds(10)) async throws -> EngineBuffers {
        try await withTemporaryEngine("#!/bin/sh\n" + script) { engine in
            let settings = LlamaServerSettings(
                gguf: "/m.gguf", mmproj: "/p.gguf", load: LoadSettings(contextLength: 512), threads: 1)
            return try await EngineDryRun(engine: engine, settings: settings, timeout: timeout).run()
        }
    }

    private func failure(_ script: String, timeout: Duration = .seconds(10)) async throws -> EngineDryRunError? {
        do {
            _ = try await run(script, timeout: timeout)
            return nil
        } catch let error as EngineDryRunError {
            return error
        }
    }

    @Test func theReportIsReadAndRoundedUp() async throws {
        let buffers = try await run("echo noise; echo '\(Self.report)'; exec sleep 600")
        #expect(buffers.weights == .mebibytes(213) && buffers.repacked == .mebibytes(483))
        #expect(buffers.context == .mebibytes(25) && buffers.compute == .mebibytes(71))
        #expect(buffers.process > .zero)
    }

    @Test func whatOtherMachinesHoldIsNotCounted() async throws {
        let device = #"{"kind":"device","name":"RPC0","self":900,"model":800,"context":60,"compute":40},"#
        let report = Self.report.replacing(#""rows":["#, with: #""rows":["# + device)
        let buffers = try await run("echo '\(report)'; exec sleep 600")
        #expect(buffers.weights == .mebibytes(213) && buffers.repacked == .mebibytes(483))
        #expect(buffers.context == .mebibytes(25) && buffers.compute == .mebibytes(71))
    }

    @Test func theProjectorIsLeftOutAndTheReportAskedFor() async throws {
        let error = try await failure(#"echo "{\"type\":\"log\",\"level\":\"error\",\"msg\":\"$*\"}"; exit 1"#)
        #expect(error?.message.contains("--log-jsonl") == true && error?.message.contains("--fit on") == true)
        #expect(error?.message.contains("--mmproj") == false && error?.message.contains("--ctx-size 512") == true)
    }

    @Test func theFirstErrorOfTheEngineIsTheReason() async throws {
        let first = #"{"type":"log","level":"error","msg":"model is corrupted\n"}"#
        let second = #"{"type":"log","level":"error","msg":"exiting"}"#
        let error = try await failure("printf '%s\\n' '\(first)' '\(second)'; exit 1")
        #expect(error?.code == .refused)
        #expect(error?.message == "the engine refuses /m.gguf: model is corrupted")
        let argument = try await failure("echo 'error: invalid argument: --log-jsonl' >&2; exit 1")
        #expect(argument?.code == .refused && argument?.message.hasSuffix("invalid argument: --log-jsonl") == true)
    }

    @Test func anEngineWithoutTheReportIsSaidToHaveNone() async throws {
        #expect(try await failure("echo hello")?.code == .unsupported)
        #expect(try await failure("kill -SEGV $$")?.code == .unsupported)
    }

    @Test func anEngineThatHangsIsKilled() async throws {
        let error = try await failure("exec sleep 600", timeout: .milliseconds(200))
        #expect(error?.code == .timedOut)
    }

    @Test func aMissingEngineIsSaidToBeMissing() async throws {
        let settings = LlamaServerSettings(
            gguf: "/m.gguf", mmproj: nil, load: LoadSettings(contextLength: 512), threads: 1)
        await #expect(throws: EngineDryRunError.self) {
            try await EngineDryRun(engine: "/nowhere/llama-server", settings: settings).run()
        }
    }

    @Test func aCancelledRunLeavesNoProcess() async throws {
        let mark = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: mark) }
        let task = Task { try await run("echo $$ > \(mark); exec sleep 600", timeout: .seconds(600)) }
        let pid = try await written(to: mark)
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"))
    }

    /// The line in a file, once there is one.
    private func written(to path: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasSuffix("\n") {
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw WorkerNeverStarted()
    }

    /// The real engine, where `make test` has installed it.
    @Suite(.enabled(if: Installation.isComplete)) struct Real {
        private func dryRun(_ gguf: String, _ load: LoadSettings) throws -> EngineDryRun {
            EngineDryRun(
                engine: try #require(Installation.engine),
                settings: LlamaServerSettings(gguf: gguf, mmproj: nil, load: load, threads: 2))
        }

        @Test func itKnowsTheSizesOfARealModel() async throws {
            let f16 = try await dryRun(Installation.model, LoadSettings(contextLength: 2048)).run()
            // 45 MiB of keys and values, 92 of weights, 16 of activations, each rounded up.
            #expect(f16.context == .mebibytes(46) && f16.weights == .mebibytes(93) && f16.compute == .mebibytes(17))
            #expect(f16.repacked == .zero)
            // It was killed before it read the weights.
            #expect(f16.process > .mebibytes(10) && f16.process < .mebibytes(60))
            let q8 = try await dryRun(
                Installation.model, LoadSettings(contextLength: 2048, cacheType: .q8)
            ).run()
            #expect(q8.context == .mebibytes(24))
        }

        @Test func aBrokenFileIsRefusedInTheEnginesWords() async throws {
            let path = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString).gguf").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Data("hello".utf8).write(to: URL(filePath: path))
            let error = await #expect(throws: EngineDryRunError.self) {
                try await dryRun(path, LoadSettings(contextLength: 512)).run()
            }
            #expect(error?.code == .refused && error?.message.contains("magic") == true)
        }

        @Test(arguments: [LoadSettings(contextLength: 2048), LoadSettings(contextLength: 256)])
        func aWarmUpBringsAWorkerToItsPeak(load: LoadSettings) async throws {
            let settings = LlamaServerSettings(gguf: Installation.model, mmproj: nil, load: load, threads: 2)
            let buffers = try await dryRun(Installation.model, load).run()
            try await withWorker(engine: try #require(Installation.engine), settings: settings) { worker in
                let pid = Int32(try await worker.pid())
                try await worker.ready()
                try await UpstreamClient.withHTTPClient(connectTimeout: .seconds(2), connectionsPerServer: 1) {
                    try await WorkerWarmUp(client: $0, limit: .seconds(60)).run(socket: worker.socket, settings: load)
                }
                let header = try GGUFHeader.read(file: Installation.model)
                let predicted = FootprintEstimator(model: header, settings: load).estimate(buffers: buffers)
                let measured = try ProcessMemory.peak(pid: pid)
                #expect(predicted.resident.bytes >= measured.bytes * 99 / 100)
                #expect(predicted.resident <= measured + .mebibytes(32))
            }
        }
    }
}
