import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// What can be asked of a running proxy, by code or over HTTP.
struct ProxyControl: Sendable {
    let state: ProxyState
    let listener: Listener

    /// What has been seen so far.
    var statistics: ProxyStatistics {
        state.statistics
    }

    /// The faults that are set.
    var faults: [Fault] {
        state.faults
    }

    /// Replaces the faults; they hold when this returns.
    func set(_ faults: [Fault]) async throws {
        state.set(faults)
        try await listener.adjust()
    }

    /// Resets every open connection, without waiting for what was sent.
    func resetConnections() {
        for channel in state.connections {
            ConnectionEnd.reset(channel)
        }
    }

    /// An answer of the control port.
    struct Answer: Sendable {
        let status: HTTPResponseStatus
        let body: ByteBuffer
    }

    /// Answers a request of the control port.
    func answer(_ method: HTTPMethod, _ path: String, body: ByteBuffer) async -> Answer {
        do {
            switch (method, path) {
            case (.GET, "/faults"): return try .json(faults)
            case (.PUT, "/faults"):
                try await set(try JSONDecoder().decode([Fault].self, from: body))
                return try .json(faults)
            case (.DELETE, "/faults"):
                try await set([])
                return try .json(faults)
            case (.GET, "/statistics"): return try .json(statistics)
            case (.POST, "/reset_connections"):
                resetConnections()
                return try .json(statistics)
            default: return .failure(.notFound, "there is no \(method) \(path)")
            }
        } catch let error as FaultError {
            return .failure(.badRequest, error.description)
        } catch is DecodingError {
            return .failure(.badRequest, "not a JSON list of faults, which are objects with plain values")
        } catch {
            return .failure(.internalServerError, "\(error)")
        }
    }
}

extension ProxyControl.Answer {
    fileprivate static func json(_ value: some Encodable) throws -> Self {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Self(status: .ok, body: try encoder.encodeAsByteBuffer(value, allocator: .init()))
    }

    fileprivate static func failure(_ status: HTTPResponseStatus, _ message: String) -> Self {
        let body = try? JSONEncoder().encodeAsByteBuffer(["error": message], allocator: .init())
        return Self(status: status, body: body ?? ByteBuffer())
    }
}
