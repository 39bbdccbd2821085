import SaraiConfiguration
import SaraiCore

/// How large request bodies may be.
struct BodyLimits: Sendable {
    /// Without media.
    let plain: BodyLimit
    /// With media.
    let withMedia: BodyLimit

    init(_ configuration: ServerConfiguration) {
        plain = BodyLimit(size: configuration.maxBody, key: "server.max_body")
        withMedia = BodyLimit(size: configuration.maxMediaBody, key: "server.max_media_body")
    }

    /// Refuses a body that is larger than one without media may be, unless it has media.
    func check(_ size: MemorySize, hasMedia: Bool) throws {
        guard hasMedia || size <= plain.size else {
            throw PoolError(
                .tooLarge, "the request body has \(size) without media; the limit is \(plain.size) (\(plain.key))")
        }
    }
}

/// How large a body may be, and what says so.
struct BodyLimit: Sendable {
    let size: MemorySize
    /// The key of the configuration.
    let key: String
}
