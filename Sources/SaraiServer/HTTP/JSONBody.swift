import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore

/// Encodes answers and decodes requests.
enum JSONBody {
    /// A value as JSON.
    static func buffer(_ value: some Encodable) -> ByteBuffer {
        // Everything that is encoded here is a type of this module, none of which can fail.
        ByteBuffer(bytes: (try? JSONCoding.encode(value)) ?? Array("{}".utf8))
    }

    /// A JSON answer.
    static func response(
        _ buffer: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.contentLength] = "\(buffer.readableBytes)"
        return Response(status: status, headers: headers, body: .init(byteBuffer: buffer))
    }

    /// A JSON answer.
    static func response(_ value: some Encodable, headers: HTTPFields = [:]) -> Response {
        response(buffer(value), headers: headers)
    }

    /// Reads a request's body.
    ///
    /// - Throws: ``PoolError``: `tooLarge`, or `invalidRequest` with the path of the member that is wrong.
    static func decode<Value: Decodable>(
        _ type: Value.Type, from request: Request, limit: BodyLimit
    ) async throws -> (value: Value, size: MemorySize) {
        let body = try await collect(request, limit: limit)
        do {
            let value = try body.withUnsafeReadableBytes { try JSONCoding.decode(type, from: $0) }
            return (value, MemorySize(bytes: body.readableBytes))
        } catch let error as PoolError {
            throw error
        } catch let error as JSONParsingError {
            throw PoolError(.invalidRequest, "the body is not valid JSON: \(error)")
        } catch {
            throw PoolError(.invalidRequest, explain(error))
        }
    }

    /// The bytes of a request's body.
    ///
    /// - Throws: ``PoolError`` with `tooLarge`.
    static func collect(_ request: Request, limit: BodyLimit) async throws -> ByteBuffer {
        let tooLarge = PoolError(.tooLarge, "the request body is larger than \(limit.size) (\(limit.key))")
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit.size.bytes {
            throw tooLarge
        }
        do {
            return try await request.body.collect(upTo: limit.size.bytes)
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch {
            // The only other thing that can go wrong with reading is that the client is gone.
            throw PoolError(.cancelled, "the client left in the middle of the request")
        }
    }

    /// A decoding error in the words of whoever wrote the request.
    private static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else {
            return "the body does not fit: \(error)"
        }
        switch error {
        case .keyNotFound(let key, let context):
            return "\(path(context.codingPath + [key])): missing"
        case .typeMismatch(let type, let context):
            return "\(path(context.codingPath)): expected \(name(of: type))"
        case .valueNotFound(let type, let context):
            return "\(path(context.codingPath)): expected \(name(of: type)), found null"
        case .dataCorrupted(let context):
            return "\(path(context.codingPath)): \(context.debugDescription)"
        @unknown default:
            return "the body does not fit"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        let path = keys.reduce("") { path, key in
            if let index = key.intValue {
                return "\(path)[\(index)]"
            }
            return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
        }
        return path.isEmpty ? "the body" : path
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is Int.Type: "a whole number"
        case is Double.Type, is Float.Type: "a number"
        case is any Sequence.Type where "\(type)".hasPrefix("Array"): "a list"
        default: "an object"
        }
    }
}
