/// How long a model stays loaded after its last request.
public enum KeepAlive: Hashable, Sendable {
    /// As long as nothing else needs its memory.
    case forever
    /// This long; nothing means that it is unloaded as soon as nobody uses it.
    case limited(Duration)

    /// Reads a duration as Ollama's clients write it: `10m`, `1h30m`, `300s`, a number of seconds, negative or `forever`
    /// for ever; `nil` for anything else.
    public init?(parsing text: String) {
        guard text != "forever" else {
            self = .forever
            return
        }
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
        self.init(seconds: isNegative ? -total : total)
    }

    /// A number of seconds; negative is for ever, and so is what exceeds a century.
    public init(seconds: Double) {
        self = seconds < 0 || seconds > 3e9 ? .forever : .limited(.nanoseconds(Int64(seconds * 1e9)))
    }

    private static let factors = [
        "": 1, "s": 1, "m": 60, "h": 3600, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9,
    ]
}
