import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import SaraiCore

/// The answer to what never became a request: it says why, like any other.
struct WireRefusal {
    /// The status that it is sent with.
    let status: HTTPResponse.Status
    /// What is wrong and what to do.
    let message: String
    /// Decides the shape of the body, where the path is known.
    var dialect = Dialect(path: "/")

    /// For a connection that is one too many.
    static func crowded(_ refusal: ConnectionCounts.Refusal) -> WireRefusal {
        WireRefusal(status: .serviceUnavailable, message: refusal.message)
    }

    /// For a request that does not come.
    static func overdue(_ overdue: RequestOverdue, dialect: Dialect) -> WireRefusal {
        let seconds = overdue.limit.seconds.formatted(decimals: 0)
        let message =
            switch overdue.phase {
            case .headers: "the headers of the request did not come within \(seconds) s (server.header_timeout)"
            case .body: "the body of the request did not come within \(seconds) s (server.body_timeout)"
            }
        return WireRefusal(status: .requestTimeout, message: message, dialect: dialect)
    }

    /// For bytes that are no request; `nil` if an error of the connection is another one.
    ///
    /// - Parameters:
    ///   - error: what the HTTP stack found.
    ///   - headerLimit: bytes of all headers, at most.
    init?(_ error: any Error, headerLimit: MemorySize) {
        switch error {
        case HTTPParserError.headerOverflow:
            self.init(
                status: .requestHeaderFieldsTooLarge,
                message:
                    "the request's line and headers have more than \(headerLimit) (server.max_header), or there are more "
                    + "than \(Self.maximumHeaders) headers")
        case HTTPParserError.invalidVersion:
            self.init(status: .httpVersionNotSupported, message: "Sarai speaks HTTP/1.1")
        // The client left, perhaps in the middle of a request: nobody is there to be told.
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            return nil
        case let error as HTTPParserError:
            self.init(status: .badRequest, message: "this is not a request of HTTP/1.1: \(error)")
        case is HTTP1TypeConversionError:
            self.init(status: .badRequest, message: "this is not a request of HTTP/1.1: \(error)")
        default:
            return nil
        }
    }

    private init(status: HTTPResponse.Status, message: String, dialect: Dialect = Dialect(path: "/")) {
        self.status = status
        self.message = message
        self.dialect = dialect
    }

    /// Headers of a request, at most.
    static let maximumHeaders = 100

    private var body: ByteBuffer {
        dialect.body(of: PoolError(.init(rawValue: "bad_request"), message), status: status)
    }

    /// The answer as parts of HTTP.
    var parts: [HTTPResponsePart] {
        let body = body
        let fields: HTTPFields = [
            .contentType: "application/json; charset=utf-8", .contentLength: "\(body.readableBytes)",
            .connection: "close",
        ]
        return [.head(HTTPResponse(status: status, headerFields: fields)), .body(body), .end(nil)]
    }

    /// The answer as it goes over the wire.
    var bytes: ByteBuffer {
        let body = body
        var bytes = ByteBuffer(
            string:
                "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nContent-Type: application/json; charset=utf-8\r\n"
                + "Content-Length: \(body.readableBytes)\r\nRetry-After: 1\r\nConnection: close\r\n\r\n")
        bytes.writeImmutableBuffer(body)
        return bytes
    }
}
