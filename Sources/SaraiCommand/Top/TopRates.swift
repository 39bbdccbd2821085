import SaraiPool

/// How fast a model goes: what `sarai top` makes of two looks at what it has done since the daemon started.
struct TopRates: Hashable, Sendable, Encodable {
    /// Requests that ended, a second; `nil` after one look only.
    var requestsPerSecond: Double?
    /// Tokens generated, a second; `nil` after one look only.
    var tokensPerSecond: Double?
    /// Seconds from a request to the first piece of its answer, on average; `nil` where no answer began.
    var firstTokenSeconds: Double?
    /// Seconds that a request took, on average; `nil` where none ended.
    var requestSeconds: Double?

    private enum CodingKeys: String, CodingKey {
        case requestsPerSecond = "requests_per_second"
        case tokensPerSecond = "tokens_per_second"
        case firstTokenSeconds = "first_token_seconds"
        case requestSeconds = "request_seconds"
    }

    /// Nothing known.
    init() {}

    /// What happened between two looks; where nothing did, averages are of all the time.
    ///
    /// - Parameters:
    ///   - earlier: what had been done before; `nil` after the first look.
    ///   - now: what has been done.
    ///   - elapsed: the time between the looks.
    init(from earlier: PoolSnapshot.Totals?, to now: PoolSnapshot.Totals, elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        // A daemon that was started anew begins to count anew.
        let isSame = earlier.map { $0.requests <= now.requests && $0.generatedTokens <= now.generatedTokens } ?? false
        if let earlier, isSame, seconds > 0 {
            requestsPerSecond = Double(now.requests - earlier.requests) / seconds
            tokensPerSecond = Double(now.generatedTokens - earlier.generatedTokens) / seconds
        }
        let base = isSame ? earlier : nil
        firstTokenSeconds = Self.mean(
            (now.firstTokenSeconds, now.answersBegun), since: base.map { ($0.firstTokenSeconds, $0.answersBegun) })
        requestSeconds = Self.mean(
            (now.requestSeconds, now.requests), since: base.map { ($0.requestSeconds, $0.requests) })
    }

    private static func mean(_ now: (sum: Double, count: Int), since earlier: (sum: Double, count: Int)?) -> Double? {
        if let earlier, now.count > earlier.count {
            return (now.sum - earlier.sum) / Double(now.count - earlier.count)
        }
        return now.count > 0 ? now.sum / Double(now.count) : nil
    }
}

/// Looks at the pool, as far back as rates are made of.
struct TopHistory: Sendable {
    /// Long enough for rates to be calm, short enough for them to be of now.
    static let window = Duration.seconds(5)

    private var looks: [(at: ContinuousClock.Instant, totals: [String: PoolSnapshot.Totals])] = []

    /// Takes a look.
    ///
    /// - Returns: the rates of each model.
    mutating func add(_ snapshot: PoolSnapshot, at now: ContinuousClock.Instant) -> [String: TopRates] {
        let totals = Dictionary(snapshot.models.map { ($0.name, $0.totals) }) { first, _ in first }
        // The newest look that is old enough stays: rates are of the whole window.
        while looks.count > 1, looks[1].at.duration(to: now) >= Self.window {
            looks.removeFirst()
        }
        let first = looks.first
        looks.append((now, totals))
        let elapsed = first.map { $0.at.duration(to: now) } ?? .zero
        var rates: [String: TopRates] = [:]
        for (name, total) in totals {
            rates[name] = TopRates(from: first?.totals[name], to: total, elapsed: elapsed)
        }
        return rates
    }

    /// Forgets all looks: another daemon answers now.
    mutating func forget() {
        looks = []
    }
}
