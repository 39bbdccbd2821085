import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore

/// The API that a client speaks. It decides how errors look.
enum Dialect: Sendable {
    case ollama
    case openAI
    case anthropic

    /// The dialect of a path: Anthropic's routes are below `/v1/messages`, OpenAI's below `/v1`; all others follow Ollama.
    init(path: String) {
        if Self.isBelow("/v1/messages", path) {
            self = .anthropic
        } else {
            self = Self.isBelow("/v1", path) ? .openAI : .ollama
        }
    }

    private static func isBelow(_ root: String, _ path: String) -> Bool {
        path == root || path.hasPrefix(root + "/")
    }

    /// The HTTP status for an error.
    func status(of code: PoolError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalidRequest, .unsupported: .badRequest
        case .unknownModel: .notFound
        case .notImplemented: .notImplemented
        case .tooLarge: .contentTooLarge
        case .busy:
            switch self {
            case .ollama: .serviceUnavailable
            case .openAI: .tooManyRequests
            case .anthropic: .init(code: 529, reasonPhrase: "Overloaded")
            }
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
    ///   - requestID: identifies the request, for Anthropic's dialect, which tells it.
    /// - Returns: JSON.
    func body(
        of error: PoolError, status: HTTPResponse.Status? = nil, requestID: SaraiCore.RequestID? = .current
    ) -> ByteBuffer {
        let status = (status ?? self.status(of: error.code)).code
        switch self {
        case .ollama:
            return JSONBody.buffer(["error": error.message])
        case .openAI:
            return JSONBody.buffer(OpenAIError(error, status: status))
        case .anthropic:
            return JSONBody.buffer(AnthropicError(error, status: status, requestID: requestID))
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

/// An error as OpenAI's API has it.
private struct OpenAIError: Encodable {
    let error: Content

    init(_ error: PoolError, status: Int) {
        let type =
            switch status {
            case 429: "rate_limit_error"
            case 500...: "server_error"
            default: "invalid_request_error"
            }
        self.error = Content(
            message: error.message, type: type, param: Self.member(of: error), code: error.code.rawValue)
    }

    /// The member of the request that is wrong, which messages about one begin with: `messages[0].role: missing`.
    private static func member(of error: PoolError) -> String? {
        guard [.invalidRequest, .unsupported].contains(error.code), let end = error.message.firstRange(of: ": ") else {
            return nil
        }
        let name = error.message[..<end.lowerBound]
        let isPath = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.[]".contains($0)) }
        return isPath && !name.isEmpty ? String(name) : nil
    }

    struct Content: Encodable {
        let message: String
        let type: String
        let param: String?
        let code: String

        private enum CodingKeys: CodingKey {
            case message, type, param, code
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(message, forKey: .message)
            try container.encode(type, forKey: .type)
            // Clients expect the member to be there.
            try container.encode(param, forKey: .param)
            try container.encode(code, forKey: .code)
        }
    }
}

/// An error as Anthropic's API has it.
private struct AnthropicError: Encodable {
    let type = "error"
    let error: Content
    let requestID: String?

    init(_ error: PoolError, status: Int, requestID: SaraiCore.RequestID?) {
        let type =
            switch status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 504: "timeout_error"
            case 529: "overloaded_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        self.error = Content(type: type, message: error.message)
        self.requestID = requestID?.rawValue
    }

    private enum CodingKeys: String, CodingKey {
        case type, error
        case requestID = "request_id"
    }

    struct Content: Encodable {
        let type: String
        let message: String
    }
}
