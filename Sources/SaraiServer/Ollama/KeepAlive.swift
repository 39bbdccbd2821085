import SaraiCore

/// How long a client wants a model to stay loaded: seconds, a duration such as `10m`, or negative for ever.
///
/// Under the strategy `hybrid_http_gguf` a loaded model stays, so only "not at all" changes anything.
struct KeepAlive: Decodable, Hashable {
    /// Whether the model shall be unloaded when the request is done.
    let unloads: Bool

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            unloads = seconds == 0
            return
        }
        guard let text = try? container.decode(String.self), let seconds = Self.seconds(text) else {
            throw PoolError(.invalidRequest, "keep_alive: expected seconds or a duration such as \"10m\"")
        }
        unloads = seconds == 0
    }

    /// Reads a duration as Go writes it: `1h30m`, `10m`, `300s`, `-1`, `0`.
    static func seconds(_ text: String) -> Double? {
        let isNegative = text.hasPrefix("-")
        var rest = text.drop { $0 == "-" || $0 == "+" }
        guard !rest.isEmpty else {
            return nil
        }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !$0.isNumber && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let factor = Self.factors[String(unit)] else {
                return nil
            }
            total += value * factor
        }
        return isNegative ? -total : total
    }

    private static let factors = [
        "": 1, "s": 1, "m": 60, "h": 3600, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    ]
}
