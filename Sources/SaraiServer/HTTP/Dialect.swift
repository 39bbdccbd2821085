import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore

/// The API that a client speaks. It decides how errors look.
enum Dialect: Sendable {
    case ollama
    case openAI

    /// The dialect of a path: OpenAI's routes are below `/v1`, all others follow Ollama.
    init(path: String) {
        self = path == "/v1" || path.hasPrefix("/v1/") ? .openAI : .ollama
    }

    /// The HTTP status for an error.
    func status(of code: PoolError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalidRequest, .unsupported: .badRequest
        case .unknownModel: .notFound
        case .notImplemented: .notImplemented
        case .tooLarge: .contentTooLarge
        case .busy: self == .openAI ? .tooManyRequests : .serviceUnavailable
        case .badGateway, .interrupted: .badGateway
        case .timedOut: .gatewayTimeout
        case .cancelled: .init(code: 499, reasonPhrase: "Client Closed Request")
        default: .serviceUnavailable
        }
    }

    /// An error's body, in the dialect's shape.
    ///
    /// - Parameters:
    ///   - error: the error.
    ///   - status: the status it is sent with, where that is not the one of its code.
    /// - Returns: JSON.
    func body(of error: PoolError, status: HTTPResponse.Status? = nil) -> ByteBuffer {
        switch self {
        case .ollama:
            return JSONBody.buffer(["error": error.message])
        case .openAI:
            let type =
                switch (status ?? self.status(of: error.code)).code {
                case 429: "rate_limit_error"
                case 500...: "server_error"
                default: "invalid_request_error"
                }
            return JSONBody.buffer(
                OpenAIError(error: .init(message: error.message, type: type, code: error.code.rawValue)))
        }
    }

    /// An error's whole answer.
    func response(for error: PoolError) -> Response {
        var response = JSONBody.response(body(of: error), status: status(of: error.code))
        if let seconds = error.retryAfter?.seconds {
            response.headers[.retryAfter] = "\(max(1, Int(seconds.rounded(.up))))"
        }
        return response
    }
}

private struct OpenAIError: Encodable {
    let error: Content

    struct Content: Encodable {
        let message: String
        let type: String
        let code: String

        private enum CodingKeys: CodingKey {
            case message, type, param, code
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(message, forKey: .message)
            try container.encode(type, forKey: .type)
            // Clients expect the member to be there.
            try container.encodeNil(forKey: .param)
            try container.encode(code, forKey: .code)
        }
    }
}
