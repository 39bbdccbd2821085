/// Why a request could not be served: the one error that reaches people, in whichever dialect they speak.
public struct PoolError: Error, Hashable, Sendable {
    /// What kind of failure; each has one HTTP status. More may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `unknown_model`.
        public let rawValue: String

        /// A code by its stable name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The request is malformed or a value is out of range.
        public static let invalidRequest = Code(rawValue: "invalid_request")
        /// The model cannot do what was asked: pictures to a text model, chat with an embedding model.
        public static let unsupported = Code(rawValue: "unsupported_capability")
        /// Sarai has no such function, whatever the model.
        public static let notImplemented = Code(rawValue: "not_implemented")
        /// No model of that name in the configuration.
        public static let unknownModel = Code(rawValue: "model_not_found")
        /// The body is larger than allowed.
        public static let tooLarge = Code(rawValue: "request_too_large")
        /// The model would exceed the memory budget or the number of models.
        public static let poolFull = Code(rawValue: "pool_full")
        /// Too many requests wait already, or one waited too long.
        public static let busy = Code(rawValue: "busy")
        /// Nothing can serve the model now: worker failed, still loading, shutting down.
        public static let unavailable = Code(rawValue: "unavailable")
        /// Every server of the model failed, and there is no twin.
        public static let badGateway = Code(rawValue: "bad_gateway")
        /// A target broke off in the middle of an answer.
        public static let interrupted = Code(rawValue: "interrupted")
        /// The answer took longer than the client, or the configuration, allows.
        public static let timedOut = Code(rawValue: "timed_out")
        /// The client left or cancelled.
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// What kind of failure.
    public let code: Code
    /// What happened, where, and what to do, for a person.
    public let message: String
    /// When to try again, where that is known.
    public let retryAfter: Duration?

    /// An error.
    public init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }
}

extension PoolError: CustomStringConvertible {
    public var description: String { message }
}
