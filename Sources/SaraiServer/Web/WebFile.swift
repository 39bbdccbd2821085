import CSaraiWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// A file of the web page.
struct WebFile: Sendable {
    private let contents: ByteBuffer
    private let type: String
    /// Changes when the file does.
    private let tag: String

    /// All files, by their names.
    static let all = Dictionary(
        uniqueKeysWithValues: (0..<sarai_web_file_count()).map { index in
            let file = sarai_web_file(index)
            let name = String(cString: file.name)
            return (name, WebFile(name, UnsafeBufferPointer(start: file.bytes, count: file.count)))
        })

    private init(_ name: String, _ bytes: UnsafeBufferPointer<UInt8>) {
        contents = ByteBuffer(bytes: bytes)
        type =
            switch name.split(separator: ".").last {
            case "html": "text/html; charset=utf-8"
            case "css": "text/css; charset=utf-8"
            case "js": "text/javascript; charset=utf-8"
            case "svg": "image/svg+xml"
            default: "application/octet-stream"
            }
        tag = "\"\(ModelFiles.fingerprint(String(decoding: bytes, as: UTF8.self)).prefix(32))\""
    }

    /// The answer to a request for the file: all of it, or that the client's copy is the same.
    func response(to request: Request) -> Response {
        var headers: HTTPFields = [
            .eTag: tag,
            // A copy is asked about each time: another version of the program has other files.
            .cacheControl: "no-cache",
            .contentType: type,
            .contentSecurityPolicy: Self.policy,
            .xContentTypeOptions: "nosniff",
        ]
        headers[.referrerPolicy] = "no-referrer"
        headers[.crossOriginOpenerPolicy] = "same-origin"
        headers[.crossOriginResourcePolicy] = "same-origin"
        guard request.headers[.ifNoneMatch] != tag else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentLength] = "\(contents.readableBytes)"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: contents))
    }

    /// The page runs its own scripts and speaks to its own server; nothing else, whatever a model writes into it. It shows
    /// pictures and plays sounds that the user has chosen, which come as `blob:`.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src blob:; \
        connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """
}

extension HTTPField.Name {
    // The names are valid tokens, so the initialiser cannot fail.
    fileprivate static var referrerPolicy: Self { Self("Referrer-Policy") ?? .referer }
    fileprivate static var crossOriginOpenerPolicy: Self { Self("Cross-Origin-Opener-Policy") ?? .referer }
}
