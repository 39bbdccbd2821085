import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SaraiBackends
import SaraiPool
import Synchronization

extension DaemonClient {
    /// Bytes of an event, and of an error, at most.
    private static let maximumLine = 1 << 20
    /// A stream that is silent for so long is dead: the daemon shows every 15 seconds that it is alive.
    private static let silence = BackendLimits(firstToken: .seconds(30), stall: .seconds(60))

    /// Who went on with the answer to a request, as the daemon remembers it.
    ///
    /// - Throws: ``CommandFailure``.
    func resumptions(of request: String) async throws -> [Resumption] {
        let found = Mutex<[Resumption]>([])
        try await events(of: nil, follows: false) { event, _ in
            if event.body.request == request, let resumption = Resumption(event) {
                found.withLock { $0.append(resumption) }
            }
        }
        return found.withLock { $0 }
    }

    /// Reads the pool's events: first those that the daemon remembers, then those to come.
    ///
    /// - Parameters:
    ///   - model: only those that concern this model, or every model.
    ///   - follows: whether to wait for those to come; the daemon then ends the stream only when it ends itself.
    ///   - onEvent: called for each event, with its JSON as the daemon wrote it.
    /// - Throws: ``CommandFailure``.
    func events(
        of model: String?, follows: Bool, onEvent: @escaping @Sendable (PoolEvent, _ json: Substring) -> Void
    ) async throws {
        var path = URLComponents()
        path.path = "/api/pool/events"
        path.queryItems = [.init(name: "after", value: "0")]
        if let model {
            path.queryItems?.append(.init(name: "model", value: model))
        }
        if !follows {
            path.queryItems?.append(.init(name: "follow", value: "false"))
        }
        let request = makeRequest(path.string ?? path.path)
        try await translating {
            try await StallWatchdog.watch(Self.silence) { [http, address] watchdog in
                let response = try await UpstreamClient.translatingErrors {
                    try await http.execute(request, timeout: .seconds(30))
                }
                try await response.requireSuccess(from: address)
                try await UpstreamClient.translatingErrors {
                    for try await line in response.body.splitUTF8Lines(maximumBufferSize: Self.maximumLine) {
                        watchdog.touch()
                        guard line.hasPrefix("data:") else {
                            continue
                        }
                        let json = line.dropFirst(5).drop { $0 == " " }
                        onEvent(try JSONDecoder().decode(PoolEvent.self, from: Data(json.utf8)), json)
                    }
                }
            }
        }
    }
}

extension HTTPClientResponse {
    /// Throws the failure that an answer stands for, with the daemon's own message.
    fileprivate func requireSuccess(from address: DaemonAddress) async throws {
        guard status != .ok else {
            return
        }
        let body = try await body.collect(upTo: 64 << 10)
        let message = try? JSONDecoder().decode([String: String].self, from: body)["error"]
        throw CommandFailure(
            status == .serviceUnavailable ? .unavailable : .failed,
            message ?? "\(address) answers with status \(status.code).")
    }
}

extension DaemonAddress {
    /// The URL of a path of the daemon, in the form that the HTTP client takes.
    func url(of path: String) -> String {
        switch endpoint {
        case .url(let base): base + path
        case .unixSocket(let file): URL(httpURLWithSocketPath: file, uri: path)?.absoluteString ?? ""
        }
    }
}
