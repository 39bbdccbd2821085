/// What went wrong between Sarai and a target.
package struct BackendError: Error, Hashable, Sendable {
    /// The kind of failure; it decides whether another target is tried.
    package enum Code: Hashable, Sendable {
        /// Refused, unreachable, name not found, or no connection within the connect timeout.
        case unreachable
        /// Connected, but no first token within the first-token timeout.
        case firstTokenTimeout
        /// The stream stopped for longer than the stall timeout.
        case stalled
        /// The connection closed before the answer was complete.
        case brokenOff
        /// Status 5xx, or another that says nothing about the request (401, 403, 407, 408); an error in the stream is a 500.
        case serverError(Int)
        /// Status 429, or 503 with the server alive.
        case overloaded
        /// The server does not have the model.
        case modelMissing
        /// A worker of ours could not get the memory that the request needs.
        case outOfMemory
        /// What came back is not what the protocol says.
        case malformedAnswer
        /// The server finds fault with the request itself; another target would too.
        case rejected(Int)
        /// The target's API cannot express what the request asks for.
        case unsupported
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, for a person.
    package let message: String
    /// How long the target asks to be left alone.
    package let retryAfter: Duration?

    /// An error.
    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Whether another target might do better with the same request.
    package var allowsFailover: Bool {
        switch code {
        case .rejected: false
        default: true
        }
    }

    /// Whether the failure says something about the target's health, rather than about this request.
    package var countsAgainstTarget: Bool {
        switch code {
        case .rejected, .unsupported, .overloaded: false
        default: true
        }
    }

    /// The reason in a few words, for the `X-Sarai-Route` header.
    package var reason: String {
        switch code {
        case .serverError(let status): "status \(status)"
        case .rejected(let status): "rejected with status \(status)"
        default: kind.rawValue
        }
    }
}

extension BackendError {
    /// The error as it is when it comes from a worker of ours.
    ///
    /// The engine survives a failed allocation, reports it as a fault of its own or of the request, and is never well again: the
    /// next request fails in the same way.
    package var ofWorker: BackendError {
        switch code {
        case .serverError, .rejected:
            WorkerLog.speaksOfMemory(message)
                ? BackendError(.outOfMemory, "the worker ran out of memory: \(message)") : self
        default: self
        }
    }
}

extension BackendError {
    /// What failures of one sort have in common, in a few words: so few sorts that metrics have a series for each.
    package enum Kind: String, CaseIterable, Sendable {
        case unreachable, stalled, overloaded, rejected
        case firstTokenTimeout = "first-token timeout"
        case brokenOff = "connection lost"
        case serverError = "server error"
        case modelMissing = "model missing"
        case outOfMemory = "out of memory"
        case malformedAnswer = "malformed answer"
        case unsupported = "unsupported request"

        /// The kind of an error that gives this ``BackendError/reason``, with or without a status.
        package init(reason: String) {
            self = Kind(rawValue: reason) ?? (reason.hasPrefix(Kind.rejected.rawValue) ? .rejected : .serverError)
        }
    }

    /// The failure's kind, without the status.
    var kind: Kind {
        switch code {
        case .unreachable: .unreachable
        case .firstTokenTimeout: .firstTokenTimeout
        case .stalled: .stalled
        case .brokenOff: .brokenOff
        case .serverError: .serverError
        case .overloaded: .overloaded
        case .modelMissing: .modelMissing
        case .outOfMemory: .outOfMemory
        case .malformedAnswer: .malformedAnswer
        case .rejected: .rejected
        case .unsupported: .unsupported
        }
    }
}

extension BackendError: CustomStringConvertible {
    package var description: String { message }
}
