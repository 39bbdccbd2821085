import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import SaraiMemory

/// Reads the headers of GGUF files on servers, in a few requests for parts of the files and never their weights.
package struct RemoteHeaderReader: Sendable {
    private let client: RemoteFileClient
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
        return try await RemoteFileClient.withClient(patience: patience) { client in
            try await read(address, with: client, limits: limits)
        }
    }

    /// Reads the header of a file, and of the others if the model is split into several.
    ///
    /// - Parameters:
    ///   - address: the file, or the first of several.
    ///   - client: asks for it.
    ///   - limits: what is refused as absurd.
    /// - Returns: the header, checked against the size of the file that the server tells.
    /// - Throws: see ``read(_:limits:patience:)``.
    package static func read(
        _ address: RemoteAddress, with client: RemoteFileClient, limits: GGUFLimits = GGUFLimits()
    ) async throws -> RemoteHeader {
        try await RemoteHeaderReader(client: client, limits: limits).readParts(from: address)
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
        let answer = try await client.get(location, headers: headers, source: prefix.source)
        location = answer.location
        prefix.requests += answer.requests
        try prefix.begin(answer.head, asking: range)
        return try await RemoteFileClient.translatingErrors(prefix.source) {
            for try await piece in answer.body {
                if let header = try prefix.append(piece.readableBytesView) {
                    // Leaving the body unread closes the connection: nothing more is sent.
                    return header
                }
            }
            return try prefix.finish()
        }
    }
}
