import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// Trials of twins while they are not needed, so that a failover does not find out that the twin is broken.
extension ModelPool {
    /// Between two looks whether a trial is due.
    private static let lookInterval = Duration.seconds(1)

    /// Asks each idle, loaded twin for one token now and then. Never while anything is being answered on this machine.
    func tryTwins() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.lookInterval)
            guard case .every(let interval) = configuration.failover.selfProbe,
                let twin = read({ $0.twinToTry(interval: interval, now: .now) })
            else {
                continue
            }
            await tryOut(twin)
        }
    }

    private func tryOut(_ twin: TargetID) async {
        let start = ContinuousClock.now
        var failure: String?
        do {
            let others = read { $0.models[twin.model]?.targets.map(\.id).filter { $0 != twin } ?? [] }
            let exclusion = Exclusion(reason: "trial", message: "is not the one to be tried", isUnsupported: true)
            let needs = read { $0[target: twin]?.trial } ?? .generation(hasMedia: false)
            let lease = try await acquire(
                twin.model, needs: needs,
                excluding: Dictionary(uniqueKeysWithValues: others.map { ($0, exclusion) }))
            do {
                try await lease.backend.tryOut(needs)
                lease.end(.answered)
            } catch let error as BackendError {
                failure = error.message
                lease.end(.failed(error.ofWorker))
            }
        } catch is CancellationError {
            return
        } catch {
            failure = "\(error)"
        }
        let took = start.duration(to: .now)
        perform { $0.tried(twin, took: took, failure: failure, now: .now) }
    }
}

extension TargetState {
    /// What it is asked for to see that it works.
    fileprivate var trial: Needs {
        switch local?.model {
        case .whisper: .transcription
        case .gguf where local?.isReranker == true: .reranking
        case .gguf where isEmbedding: .embedding
        case .gguf, nil: .generation(hasMedia: false)
        }
    }
}

extension Backend {
    /// Asks for very little.
    fileprivate func tryOut(_ needs: Needs) async throws {
        switch needs {
        case .generation: try await tryGeneration()
        case .embedding: try await tryEmbedding()
        case .reranking: _ = try await rerank(RerankRequest(query: "Hi", documents: ["Hi"]))
        case .transcription: try await tryTranscription()
        case .load: break
        }
    }

    /// Asks for one token.
    private func tryGeneration() async throws {
        var sampling = Sampling()
        sampling.maxTokens = 1
        let request = GenerationRequest(prompt: .chat([Message(role: .user, text: "Hi")]), sampling: sampling)
        try await generate(request) { _ in }
    }

    /// Asks for the words of a second of noise, which has none.
    private func tryTranscription() async throws {
        if let sound = Media.noise(seconds: 1) {
            _ = try await transcribe(TranscriptionRequest(audio: sound))
        }
    }

    /// Asks for the vector of a word.
    private func tryEmbedding() async throws {
        _ = try await embed(EmbeddingRequest(inputs: ["Hi"]))
    }
}

extension PoolState {
    /// A loaded twin that was neither used nor tried for as long as `interval`; `nil` also while a worker is busy.
    func twinToTry(interval: Duration, now: Instant) -> TargetID? {
        let all = names.compactMap { models[$0] }
        guard !isShuttingDown, !all.flatMap(\.targets).contains(where: { $0.remote == nil && $0.inFlight > 0 }) else {
            return nil
        }
        let twins = all.filter { $0.targets.count > 1 }.flatMap(\.targets).filter(\.isReady)
        return twins.first { max($0.lastUsed, $0.lastProbe?.at ?? $0.lastUsed) + interval <= now }?.id
    }

    /// A twin was tried out; `failure` says why it did not answer.
    mutating func tried(_ id: TargetID, took: Duration, failure: String?, now: Instant) -> [PoolAction] {
        update(id) { $0.lastProbe = SelfProbe(at: now, took: took, failure: failure) }
        return [.post(.selfProbe(id, took: took, failure: failure))]
    }
}
