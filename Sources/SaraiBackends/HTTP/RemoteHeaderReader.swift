import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import SaraiMemory

/// Reads the headers of GGUF files on servers, in a few requests for parts of the files and never their weights.
///
/// Unlike ``UpstreamClient`` it follows redirects, since hubs keep files elsewhere than their addresses say; it sends no
/// secrets that could end up there.
package struct RemoteHeaderReader: Sendable {
    /// Redirects that are followed for one file.
    private static let maximumRedirects = 5

    private let client: HTTPClient
    private let limits: GGUFLimits

    /// Reads the header of a file, and of the others if the model is split into several.
    ///
    /// - Parameters:
    ///   - url: `https://…` or `http://…`.
    ///   - limits: what is refused as absurd.
    ///   - patience: how long a server may say nothing.
    /// - Returns: the header, checked against the size of the file that the server tells.
    /// - Throws: ``BackendError`` when the file cannot be had, `GGUFError` when it is not what it should be. Both name the
    ///   address, without its query, which may hold a signature.
    package static func read(
        _ url: String, limits: GGUFLimits = GGUFLimits(), patience: Duration = .seconds(30)
    ) async throws -> RemoteHeader {
        let address = try RemoteAddress(url)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .init(min(patience, .seconds(10))), read: .init(patience)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await RemoteHeaderReader(client: client, limits: limits).readParts(from: address)
        }
    }

    private func readParts(from address: RemoteAddress) async throws -> RemoteHeader {
        let first = try await readPart(at: address)
        var (fileSize, traffic) = (first.fileSize, first.traffic)
        var others: [GGUFHeader] = []
        for name in try first.header.pathsOfOtherParts(of: address.fileName, limits: limits) {
            let part = try await readPart(at: address.sibling(named: name))
            fileSize += part.fileSize
            traffic += part.traffic
            others.append(part.header)
        }
        return RemoteHeader(header: try first.header.merging(others), fileSize: fileSize, traffic: traffic)
    }

    private func readPart(at address: RemoteAddress) async throws -> RemoteHeader {
        var prefix = RemotePrefix(source: "\(address)", limits: limits)
        var location = address
        while true {
            let received = prefix.bytes.count
            do {
                guard let header = try await fetch(&prefix, from: &location) else {
                    continue
                }
                if let fileSize = prefix.fileSize {
                    try header.checkTensorData(fileSize: fileSize)
                }
                return RemoteHeader(
                    header: header, fileSize: prefix.fileSize ?? header.fileBytes,
                    traffic: .init(requests: prefix.requests, bytes: prefix.receivedBytes))
            } catch let error as BackendError where error.code == .brokenOff {
                // What has arrived is kept; a server that sends nothing before it hangs up is not asked again.
                guard prefix.bytes.count > received, prefix.canResume else {
                    throw error
                }
            }
        }
    }

    /// Asks for the next part of a file.
    ///
    /// - Parameters:
    ///   - prefix: what is there of the file already.
    ///   - location: where the file is; where a redirect led to afterwards.
    /// - Returns: the header, if it is complete now.
    /// - Throws: see ``read(_:limits:patience:)``.
    private func fetch(_ prefix: inout RemotePrefix, from location: inout RemoteAddress) async throws -> GGUFHeader? {
        let (headers, range) = try prefix.nextRequest()
        for _ in 0...Self.maximumRedirects {
            var request = HTTPClientRequest(url: location.url)
            request.headers = headers
            prefix.requests += 1
            let response = try await Self.translatingErrors(prefix.source) {
                // The client's `read` timeout bounds each silence; this one, the wait for the answer's head as a whole.
                try await client.execute(request, timeout: .minutes(5))
            }
            let head = RemoteAnswerHead(status: Int(response.status.code), headers: response.headers)
            if let target = head.redirectTarget {
                location = try location.redirected(to: target)
                continue
            }
            try prefix.begin(head, asking: range)
            return try await Self.translatingErrors(prefix.source) {
                for try await piece in response.body {
                    if let header = try prefix.append(piece.readableBytesView) {
                        // Leaving the body unread closes the connection: nothing more is sent.
                        return header
                    }
                }
                return try prefix.finish()
            }
        }
        throw BackendError(
            .malformedAnswer, "\(prefix.source): more than \(Self.maximumRedirects) redirects; is the address right?")
    }

    /// Runs `body` and names the file in the errors of the HTTP stack.
    private static func translatingErrors<Result>(
        _ source: String, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error where error is GGUFError || error is BackendError || error is CancellationError {
            throw error
        } catch let error as HTTPClientError where error == .readTimeout || error == .deadlineExceeded {
            throw BackendError(.stalled, "\(source): the server sends nothing; try again later")
        } catch {
            if Task.isCancelled {
                throw CancellationError()
            }
            let translated = BackendError(translating: error)
            throw BackendError(translated.code, "\(source): \(translated.message)")
        }
    }
}
