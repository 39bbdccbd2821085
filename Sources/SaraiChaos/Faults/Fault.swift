/// One thing that goes wrong: what, where exactly, and for which requests.
///
/// Written as text (`reset,after_bytes=200`) or as JSON (`{"fault": "reset", "after_bytes": 200}`), with the same keys.
/// `docs/chaos.md` has them all.
package struct Fault: Hashable, Sendable {
    /// What happens.
    package var effect: Effect
    /// Where it begins.
    package var trigger: Trigger
    /// Which requests, or connections, meet it.
    package var filter: RequestFilter

    /// A fault.
    package init(_ effect: Effect, at trigger: Trigger = .beforeHeaders, filter: RequestFilter = RequestFilter()) {
        self.effect = effect
        self.trigger = trigger
        self.filter = filter
    }

    /// What happens from the trigger on.
    package enum Effect: Hashable, Sendable {
        case latency(milliseconds: Int, jitter: Int)
        case bandwidth(bytesPerSecond: Int)
        case slowLoris(milliseconds: Int)
        case split
        case coalesce(milliseconds: Int)
        case flip(offset: Int)
        case garbage
        case stall
        case blackHole
        case halfClose
        case close
        case reset
        case status(CannedAnswer)
        case refuse
        case unreachable
    }

    /// The place where a fault begins.
    package enum Trigger: Hashable, Sendable {
        case accept
        case request
        case beforeHeaders
        case afterHeaders
        case afterBytes(Int)
        case afterLines(Int)
        case afterContent(Int, plusBytes: Int)
        case beforeLastLine
        case atEnd
    }
}

/// An answer that the proxy gives by itself.
package struct CannedAnswer: Hashable, Sendable {
    /// The status code.
    package var code: Int
    /// Seconds, for the header of that name.
    package var retryAfter: Int?
    /// JSON, if it is to look like a model server's.
    package var body: String

    /// An answer.
    package init(code: Int, retryAfter: Int? = nil, body: String = #"{"error":"injected fault"}"#) {
        self.code = code
        self.retryAfter = retryAfter
        self.body = body
    }

    /// The answer as HTTP/1.1 sends it.
    package var message: String {
        """
        HTTP/1.1 \(code) Injected Fault\r
        Content-Type: application/json\r
        Content-Length: \(body.utf8.count)\r
        \(retryAfter.map { "Retry-After: \($0)\r\n" } ?? "")\r
        \(body)
        """
    }
}

/// Which requests meet a fault.
package struct RequestFilter: Hashable, Sendable {
    /// The path without its query; `nil` is any.
    package var path: String?
    /// Whether requests of other methods than POST count, too.
    package var includesAllMethods: Bool
    /// Only each so many-th of the requests that match, 1 and up.
    package var every: Int
    /// The share that is left of those, 0…1.
    package var probability: Double
    /// How many of those at most; `nil` is all.
    package var times: Int?

    /// A filter; by default every POST.
    package init(
        path: String? = nil, includesAllMethods: Bool = false, every: Int = 1, probability: Double = 1,
        times: Int? = nil
    ) {
        self.path = path
        self.includesAllMethods = includesAllMethods
        self.every = every
        self.probability = probability
        self.times = times
    }
}
