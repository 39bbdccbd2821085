import Foundation
import SaraiConfiguration
import SaraiMemory
import SaraiPool

/// What the files of a model on this machine tell of it.
struct ModelFiles {
    /// The model file's header; `nil` if there is no such file or it is damaged.
    let header: GGUFHeader?
    /// The projector file's header.
    let projector: GGUFHeader?
    /// Bytes of all files.
    let size: Int
    /// When the model file was last changed.
    let modified: Date
    /// 64 hexadecimal digits that change when the files do.
    ///
    /// Clients show and compare it as Ollama's digest. It is made of the paths, sizes and times of the files, because
    /// hashing gigabytes for a list would take longer than anyone waits.
    let identity: String

    init(_ configuration: ModelConfiguration, headers: HeaderCache) {
        let local = configuration.localTarget
        header = local?.gguf.flatMap { try? headers.header(of: $0).get() }
        projector = local?.mmproj.flatMap { try? headers.header(of: $0).get() }
        var size = 0
        var modified = Date(timeIntervalSince1970: 0)
        var identity = "\(configuration.name)"
        for path in local?.files ?? [] {
            let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
            let bytes = attributes[.size] as? Int ?? 0
            let date = attributes[.modificationDate] as? Date ?? modified
            size += bytes
            modified = max(modified, date)
            identity += "\n\(path) \(bytes) \(date.timeIntervalSince1970)"
        }
        self.size = size
        self.modified = modified
        self.identity = Self.fingerprint(identity)
    }

    /// Four 64-bit FNV-1a hashes of a text, as hexadecimal digits. Not for security.
    static func fingerprint(_ text: String) -> String {
        (0..<4).map { (seed: UInt8) in
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in [seed] + Array(text.utf8) {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
