import SaraiCore

/// A request's `keep_alive`: seconds as a number, or a duration such as `10m`, or negative for ever.
struct KeepAliveField: Decodable {
    let value: KeepAlive

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let seconds = try? container.decode(Double.self) {
            value = KeepAlive(seconds: seconds)
            return
        }
        guard let text = try? container.decode(String.self), let value = KeepAlive(parsing: text) else {
            throw PoolError(.invalidRequest, "keep_alive: expected seconds or a duration such as \"10m\"")
        }
        self.value = value
    }
}
