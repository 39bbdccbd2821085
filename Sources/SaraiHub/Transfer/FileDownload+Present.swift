import AsyncHTTPClient
import Foundation
import NIOCore
import SaraiBackends
import SaraiCore

/// What has the final name already.
extension FileDownload {
    /// The digest of the file that has the final name, if it is the one that is wanted; `nil` if there is none, or if it shall
    /// be replaced.
    ///
    /// - Throws: ``HubError`` with `refused` when it is another one, or when nothing tells that it is not.
    func presentDigest() async throws -> FileDigest? {
        guard FileManager.default.fileExists(atPath: item.path) else {
            return nil
        }
        return try await PresentFile.with(item.path) { file in
            try await presentDigest(of: file)
        }
    }

    private func presentDigest(of file: PresentFile) async throws -> FileDigest? {
        let likeness = try await likeness(of: file)
        if likeness == .same, let digest = try await digest(of: file), item.digest == nil || item.digest == digest {
            tell(.present)
            return digest
        }
        guard replaces else {
            throw HubError(
                .refused,
                likeness == .unknown
                    ? """
                    \(item.path): there is a file of this name, and the server does not tell whether it is the same as \
                    \(item.source). --sha256 says what it must be, --replace fetches that in its place
                    """
                    : """
                    \(item.path): there is another file of this name, with other bytes than \(item.source) has. \
                    --replace fetches that in its place
                    """)
        }
        return nil
    }

    /// Whether a file is what the source has, as far as that can be told before all of it is read.
    private func likeness(of file: PresentFile) async throws -> Likeness {
        if let size = item.size, size != file.size {
            return .other
        }
        guard item.digest == nil else {
            // The digest of the whole file decides.
            return .same
        }
        let remote = try await lookUp()
        guard remote.size == file.size else {
            return .other
        }
        if let digest = remote.digest {
            return try await self.digest(of: file) == digest ? .same : .other
        }
        guard remote.sendsParts else {
            return .unknown
        }
        for part in FileSample.parts(of: file.size) where try await bytes(part, of: remote) != file.read(part) {
            return .other
        }
        return .same
    }

    /// A part of the file, as the server has it.
    private func bytes(_ part: Range<Int>, of remote: RemoteFile) async throws -> [UInt8] {
        let answer = try await client.get(
            remote.location, headers: RemoteFile.headers(for: part), source: item.source)
        guard answer.head.status == 206 else {
            throw hub.refusal(answer.head, of: item.source)
        }
        guard answer.head.contentRange?.range == part else {
            throw BackendError(.malformedAnswer, "\(item.source): the server sends another part than was asked for")
        }
        return try await RemoteFileClient.translatingErrors(item.source) {
            var bytes: [UInt8] = []
            for try await buffer in answer.body {
                bytes.append(contentsOf: buffer.readableBytesView)
                guard bytes.count <= part.count else {
                    throw BackendError(.malformedAnswer, "\(item.source): the server sends more than was asked for")
                }
            }
            return bytes
        }
    }

    private func digest(of file: PresentFile) async throws -> FileDigest? {
        try await FileHash.digest(size: file.size) { count, offset in
            try file.read(offset..<offset + count)
        } report: {
            tell(.verifying(completed: $0, total: file.size))
        }
    }
}

/// Whether a file is what a source has.
private enum Likeness {
    case same, other, unknown
}
