import SaraiCore

extension Double {
    /// A number of seconds as people say how long ago something was: `4 s`, `3 min`, `2 h`, `5 days`.
    var age: String {
        let steps: [(limit: Double, unit: Double, name: String)] = [
            (90, 1, "s"), (90 * 60, 60, "min"), (48 * 3600, 3600, "h"), (.infinity, 86_400, "days"),
        ]
        let step = steps.first { self < $0.limit }
        return step.map { "\((max(0, self) / $0.unit).formatted(decimals: 0)) \($0.name)" } ?? "?"
    }

    /// A number of seconds as a time that something took, in milliseconds: `0.31 ms`, `12.4 ms`.
    var inMilliseconds: String {
        let value = self * 1000
        return "\(value.formatted(decimals: value < 10 ? 2 : value < 100 ? 1 : 0)) ms"
    }
}
