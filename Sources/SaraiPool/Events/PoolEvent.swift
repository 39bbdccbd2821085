package import Foundation

/// Something that happened in the pool, as operators and programs are told of it.
///
/// In JSON it is one flat object; members that do not apply are left out:
/// `{"id":7,"time":"2026-01-02T03:04:05.678Z","kind":"ready","model":"solar","target":"solar/gguf_native","seconds":1.25}`.
package struct PoolEvent: Codable, Hashable, Sendable {
    /// Counts the daemon's events from 1, without gaps.
    package let id: UInt64
    /// When it happened. JSON has it in ISO 8601, UTC, with milliseconds.
    package let time: Date
    /// What happened.
    package let body: Body

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private enum CodingKeys: CodingKey {
        case id, time
    }

    /// An event.
    init(id: UInt64, time: Date, body: Body) {
        self.id = id
        self.time = time
        self.body = body
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(UInt64.self, forKey: .id)
        time = try Self.timeFormat.parse(container.decode(String.self, forKey: .time))
        body = try Body(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(timestamp(Self.timeFormat), forKey: .time)
        try body.encode(to: encoder)
    }

    /// The time as text, to the nearest millisecond.
    package func timestamp(_ format: Date.ISO8601FormatStyle) -> String {
        // The format cuts digits off; a time that was read from text would lose a millisecond each time it is written.
        (time + 0.0005).formatted(format)
    }
}
