import Crypto
import Foundation

/// What is kept of a key: its SHA-256.
///
/// A fast hash without a salt is enough, because a key is a long random number: whoever has the hash would have to try
/// 2^128 keys or more, however fast that goes. Slow hashes are for passwords, which people choose.
package struct APIKeyDigest: Sendable {
    private let bytes: [UInt8]

    /// The digest of a key.
    package init(of key: String) {
        bytes = Array(SHA256.hash(data: Data(key.utf8)))
    }

    /// Reads 64 hexadecimal digits; `nil` if `hex` is anything else.
    init?(hex: String) {
        let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * SHA256.byteCount, hex.utf8.count == digits.count else {
            return nil
        }
        bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// The digest as 64 hexadecimal digits.
    var hex: String {
        bytes.map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    /// Whether both are of the same key. Takes the same time wherever they differ.
    package func matches(_ other: APIKeyDigest) -> Bool {
        zip(bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
