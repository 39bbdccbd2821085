import SaraiBackends
import SaraiCore

/// From one target to the next.
extension ModelPool {
    /// Runs `attempt` on one target after the other until it succeeds or may not be repeated.
    ///
    /// - Parameters:
    ///   - model: whose targets.
    ///   - needs: what is asked of them.
    ///   - keepAlive: how long the model is to stay loaded afterwards.
    ///   - caller: who asks.
    ///   - meter: counts the attempts.
    ///   - progress: how far the answer is.
    ///   - startAnew: called when nobody can go on with the answer; forgets what is there of it, if nobody has seen that,
    ///     and returns whether it did.
    ///   - attempt: asks one target.
    /// - Returns: what `attempt` returns.
    /// - Throws: ``SaraiCore/PoolError``, or `CancellationError`.
    func withFailover<Result: Sendable>(
        _ model: ModelName, needs: Needs, keepAlive: KeepAlive?, caller: Caller, meter: RequestMeter,
        progress: () -> AnswerProgress.Stage = { .nothingSent }, startAnew: () -> Bool = { false },
        attempt: (Lease) async throws -> Result
    ) async throws -> Result {
        change { $0.retries.beginRequest() }
        defer { change { $0.retries.endRequest() } }
        var attempts = Attempts()
        while true {
            let isRetry = attempts.last != nil
            if isRetry, !change({ $0.retries.beginRetryIfAllowed() }) {
                meter.refusesRetry()
                throw PoolError(attempts, progress(), obstacle: "too many requests are being tried again already")
            }
            defer {
                if isRetry {
                    change { $0.retries.endRetry() }
                }
            }
            let lease: Lease
            do {
                lease = try await acquire(
                    model, needs: needs, keepAlive: keepAlive, caller: caller, excluding: attempts.excluded,
                    isRetry: isRetry)
            } catch let error as PoolError where progress().isResumable && error.code != .cancelled {
                guard startAnew() else {
                    throw PoolError(attempts, progress(), obstacle: error.message)
                }
                attempts.readmitStrangers()
                continue
            }
            meter.asks(lease, isRetry: isRetry)
            announce(lease.route.target, after: attempts, progress())
            do {
                let result = try await attempt(lease)
                meter.end(lease, .answered)
                return result
            } catch {
                guard let failure = BackendError(ending: error) else {
                    meter.end(lease, .abandoned)
                    throw error
                }
                let target = lease.route.target
                let error = target.kind.isLocal ? failure.ofWorker : failure
                meter.end(lease, .failed(error))
                attempts.failed(target, error)
                let stage = progress()
                // What is wrong with a request is wrong everywhere, but to continue an answer not every server is able.
                guard error.allowsFailover || stage.isResumable, !stage.isLost else {
                    throw PoolError(attempts, stage)
                }
                if stage.isResumable {
                    attempts.exclude(strangers: read { $0.strangers(to: target) })
                }
            }
        }
    }

    /// Tells that another target goes on with a request.
    private func announce(_ target: TargetID, after attempts: Attempts, _ stage: AnswerProgress.Stage) {
        guard let last = attempts.last else {
            return
        }
        switch stage {
        case .resumable(let characters):
            events.post(.resumed(from: last.target, to: target, characters: characters, request: .current))
        case .nothingSent, .lost:
            events.post(
                .failingOver(from: last.target, to: target, reason: last.error.reason, request: .current))
        }
    }
}

extension PoolError {
    /// The error that a client gets when no target can mend the last failure.
    fileprivate init(_ attempts: Attempts, _ stage: AnswerProgress.Stage, obstacle: String? = nil) {
        guard let (target, error) = attempts.last else {
            self.init(.unavailable, obstacle ?? "no target was asked")
            return
        }
        let cause = "\(target): \(error.message)"
        switch (error.code, stage) {
        case (.rejected(413), .nothingSent): self.init(.tooLarge, error.message)
        case (.rejected, .nothingSent): self.init(.invalidRequest, error.message)
        case (.unsupported, .nothingSent): self.init(.unsupported, cause)
        case (_, .nothingSent):
            self.init(.unavailable, obstacle.map { "\(cause); \($0)" } ?? cause, retryAfter: error.retryAfter)
        case (_, .lost(let reason)): self.init(target, error, cannotGoOn: reason)
        case (_, .resumable): self.init(target, error, cannotGoOn: obstacle ?? "nobody else has the model")
        }
    }

    /// The error that ends an answer of which something was sent.
    private init(_ target: TargetID, _ error: BackendError, cannotGoOn reason: String) {
        self.init(
            .interrupted,
            "\(target) broke off in the middle of the answer: \(error.message). It cannot go on elsewhere: \(reason)")
    }
}

extension BackendError {
    /// What speaks against a target in the error that an attempt ended with; `nil` if nothing does.
    fileprivate init?(ending error: any Error) {
        switch error {
        case let error as BackendError:
            self = error
        // The HTTP client gave the connection up, and nobody had told it to.
        case is CancellationError where !Task.isCancelled:
            self.init(.brokenOff, "the connection was given up")
        default:
            return nil
        }
    }
}
