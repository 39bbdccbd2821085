import Crypto
import NIOPosix
import SaraiCore

/// The SHA-256 of files.
enum FileHash {
    /// Bytes that are read at once.
    private static let block = 8 << 20

    /// Computes the digest of a file's first bytes. On threads of its own, since it may take many seconds.
    ///
    /// - Parameters:
    ///   - size: how many bytes.
    ///   - read: reads so many bytes at a place.
    ///   - report: told how many bytes are done.
    /// - Returns: `nil` if the file ends before.
    /// - Throws: what `read` throws, and `CancellationError`.
    static func digest(
        size: Int, read: @escaping @Sendable (_ count: Int, _ offset: Int) throws -> [UInt8],
        report: (Int) -> Void
    ) async throws -> FileDigest? {
        var hasher = SHA256()
        var offset = 0
        while offset < size {
            try Task.checkCancellation()
            let start = offset, before = hasher
            let step = try await NIOThreadPool.singleton.runIfActive {
                let bytes = try read(min(block, size - start), start)
                var hasher = before
                hasher.update(data: bytes)
                return (hasher, bytes.count)
            }
            guard step.1 > 0 else {
                return nil
            }
            hasher = step.0
            offset += step.1
            report(offset)
        }
        let digits = hasher.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }
        return FileDigest(digits.joined())
    }
}
