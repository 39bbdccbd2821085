import Foundation
import NIOHTTP1
import SaraiBackends
import SaraiCore

/// What a server says of a file before it is fetched.
struct RemoteFile: Hashable, Sendable {
    /// Where it was asked for.
    let address: RemoteAddress
    /// Where it is: the address, or what that redirected to.
    var location: RemoteAddress
    /// Bytes.
    let size: Int
    /// Its SHA-256; `nil` if nobody tells.
    let digest: FileDigest?
    /// What changes when the file does, and nothing else: a strong entity tag or a time. Source: RFC 9110, 13.1.5.
    let validator: String?
    /// Whether parts of it can be asked for.
    let sendsParts: Bool

    /// Asks for a first byte of a file to learn about all of it.
    ///
    /// - Parameters:
    ///   - address: the file.
    ///   - expected: what is known of it already.
    ///   - client: asks.
    ///   - hub: explains refusals.
    /// - Throws: ``HubError`` or ``SaraiBackends/BackendError``, also when it is not the file that was expected.
    init(
        at address: RemoteAddress, expected: (size: Int?, digest: FileDigest?), client: RemoteFileClient,
        hub: HubAddress
    ) async throws {
        let source = "\(address)"
        let answer = try await client.get(address, headers: Self.headers(for: 0..<1), source: source)
        let head = answer.head
        let size: Int?
        switch head.status {
        case 206:
            guard head.contentRange?.range == 0..<1 else {
                throw HubError(.corrupt, "\(source): the server sends another part than the one that was asked for")
            }
            (size, sendsParts) = (head.contentRange?.total, true)
        case 200: (size, sendsParts) = (head.contentLength, false)
        default: throw hub.refusal(head, of: source)
        }
        guard head.contentEncoding == nil else {
            throw HubError(.corrupt, "\(source): the server sends the file compressed; this cannot be checked")
        }
        guard let size, size > 0 else {
            throw HubError(.corrupt, "\(source): the server does not say how large the file is, or it is empty")
        }
        if let known = expected.size ?? answer.linked.size, known != size {
            throw HubError(.corrupt, "\(source): the server has \(size) bytes of a file that should have \(known)")
        }
        if let wanted = expected.digest, let linked = answer.linked.digest, wanted != linked {
            throw HubError(
                .corrupt,
                "\(source): the hub has a file with \(linked), but \(wanted) was asked for; nothing was fetched")
        }
        self.address = address
        self.size = size
        location = answer.location
        digest = expected.digest ?? answer.linked.digest
        validator = head.entityTag.flatMap { $0.hasPrefix("W/") ? nil : $0 } ?? head.lastModified
    }

    /// The file, as a test knows it.
    init(
        address: RemoteAddress, location: RemoteAddress, size: Int, digest: FileDigest?, validator: String?,
        sendsParts: Bool
    ) {
        (self.address, self.location, self.size) = (address, location, size)
        (self.digest, self.validator, self.sendsParts) = (digest, validator, sendsParts)
    }

    /// The headers that ask for a part.
    static func headers(for range: Range<Int>, validator: String? = nil) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Range": "bytes=\(range.lowerBound)-\(range.upperBound - 1)",
            // Ranges of something compressed would not be ranges of the file.
            "Accept-Encoding": "identity",
        ]
        if let validator {
            headers.add(name: "If-Range", value: validator)
        }
        return headers
    }
}
