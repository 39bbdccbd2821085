import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import SaraiBackends
import SaraiConfiguration
import SaraiMemory
import SaraiPool

/// Starts a worker, measures how fast it is, and ends it.
struct LoadModeRun {
    /// Tokens per second.
    struct Speed {
        /// While the prompt is read.
        let prompt: Double
        /// While the answer is written.
        let generated: Double
    }

    /// Path of llama-server.
    let engine: String
    /// The worker's socket and log.
    let files: WorkerFiles
    /// For requests to the worker.
    let client: HTTPClient
    /// From start to ready.
    let loadTimeout: Duration
    /// Tokens to generate.
    let tokens: Int

    /// A text of about 130 tokens. Real words, since the experts of a mixture are chosen by them.
    private static let prompt = """
        The lighthouse stood at the end of a long stone pier, and every evening the keeper walked out to light the lamp. \
        In winter the waves broke over the wall, so he tied himself to the railing with a rope and went on, step by \
        step, with the oil can under his coat. People in the village set their clocks by the moment when the beam first \
        swept across their windows. One night in February the light did not come. The fishermen who were still at sea \
        looked for it in vain, and those at home put on their boots, took lanterns and ropes, and went out together to \
        see what had happened. This is what they found:
        """

    /// Runs a worker once.
    ///
    /// - Parameters:
    ///   - target: the file, loaded as its configuration wants it.
    ///   - mode: but in this load mode.
    ///   - footprint: what it takes so.
    /// - Returns: the engine's own figures.
    /// - Throws: ``CommandFailure``, or `CancellationError`. The worker is gone in any case.
    func measure(
        _ target: LocalTargetConfiguration, _ mode: LoadSettings.LoadMode, footprint: Footprint
    ) async throws -> Speed {
        let threads = target.threads ?? UsableCores.count()
        let settings = LlamaServerSettings(
            gguf: target.path, mmproj: target.mmproj, load: target.wantedSettings(mode), threads: threads)
        let worker = ModelWorker(
            command: settings.command(engine: engine, socket: files.socket), files: files,
            limits: WorkerLimits(data: WorkerLimits.data(for: footprint, threads: threads)), client: client,
            loadTimeout: loadTimeout)
        let (stop, stopper) = AsyncStream.makeStream(of: Void.self)
        let (events, reporter) = AsyncStream.makeStream(of: ModelWorker.Event.self)
        return try await withThrowingTaskGroup(of: WorkerExit.self) { group in
            group.addTask {
                defer { reporter.finish() }
                return await worker.run(stop: stop) { reporter.yield($0) }
            }
            guard await events.contains(.ready) else {
                let exit = try await group.next()
                throw CommandFailure(.failed, "\(mode.rawValue): \(exit.map { "\($0)" } ?? "it did not start")")
            }
            let speed = try await ask(mode)
            stopper.finish()
            return speed
        }
    }

    private func ask(_ mode: LoadSettings.LoadMode) async throws -> Speed {
        do {
            // The first one reads weights and touches buffers that nobody has used before.
            _ = try await complete(tokens: 2)
            return try await complete(tokens: tokens)
        } catch let error as BackendError {
            throw CommandFailure(.failed, "\(mode.rawValue): \(error.message)")
        }
    }

    private func complete(tokens: Int) async throws -> Speed {
        let upstream = UpstreamClient(client: client, endpoint: .unixSocket(files.socket))
        let json = try JSONEncoder().encodeAsByteBuffer(
            Question(prompt: Self.prompt, predict: tokens), allocator: .init())
        // A big model may take minutes; whoever waits for it can end the command.
        let answer = try await upstream.post("/completion", json: json, timeout: .seconds(3600))
        let body = try await UpstreamClient.translatingErrors { try await answer.body.collect(upTo: 16 << 20) }
        guard let timings = try? JSONDecoder().decode(Answer.self, from: body).timings, timings.predicted == tokens,
            timings.promptSpeed > 0, timings.predictedSpeed > 0
        else {
            throw BackendError(.malformedAnswer, "the engine does not tell how fast it was")
        }
        return Speed(prompt: timings.promptSpeed, generated: timings.predictedSpeed)
    }

    /// What llama-server's `/completion` takes.
    private struct Question: Encodable {
        let prompt: String
        let predict: Int
        let temperature = 0
        let seed = 1
        let ignoresEnd = true
        let cachesPrompt = false

        private enum CodingKeys: String, CodingKey {
            case prompt, temperature, seed
            case predict = "n_predict"
            case ignoresEnd = "ignore_eos"
            case cachesPrompt = "cache_prompt"
        }
    }

    /// What matters of its answer.
    private struct Answer: Decodable {
        let timings: Timings

        struct Timings: Decodable {
            let predicted: Int
            let promptSpeed: Double
            let predictedSpeed: Double

            private enum CodingKeys: String, CodingKey {
                case predicted = "predicted_n"
                case promptSpeed = "prompt_per_second"
                case predictedSpeed = "predicted_per_second"
            }
        }
    }
}
