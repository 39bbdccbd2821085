import SaraiConfiguration
import SaraiCore

/// How large request bodies may be.
struct BodyLimits: Sendable {
    /// Without media.
    let plain: MemorySize
    /// With media.
    let withMedia: MemorySize

    init(_ configuration: ServerConfiguration) {
        plain = configuration.maxBody
        withMedia = configuration.maxMediaBody
    }

    /// Refuses a body that is larger than one without media may be, unless it has media.
    func check(_ size: MemorySize, hasMedia: Bool) throws {
        guard hasMedia || size <= plain else {
            throw PoolError(
                .tooLarge, "the request body has \(size) without media; the limit is \(plain) (server.max_body)")
        }
    }
}
