import Foundation

/// The file that holds the key of this user's own command line, so that `sarai ps` works where keys are asked for.
package struct ClientKeyFile: Sendable {
    /// Absolute path.
    package let path: String

    private var file: PrivateFile { PrivateFile(path: path, content: .secret) }

    /// The file at a path; it need not be there.
    package init(path: String) {
        self.path = path
    }

    /// The key; `nil` if there is no file.
    ///
    /// - Throws: ``AccessError`` if the file cannot be read, or if others may read it.
    package func read() throws(AccessError) -> String? {
        guard let data = try file.read() else {
            return nil
        }
        let key = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw AccessError(.unreadable, "\(path) holds no key. Remove it, or put one line with a key in it.")
        }
        return key
    }

    /// Keeps a key, for this user alone.
    package func write(_ key: APIKey) throws(AccessError) {
        try file.locked { () throws(AccessError) in try file.replace(with: Data((key.text + "\n").utf8)) }
    }

    /// Forgets the key, if it is the one of `entry`.
    ///
    /// - Returns: whether it was.
    package func remove(ifOf entry: APIKeyRing.Entry) -> Bool {
        guard let key = try? read(), entry.isOf(key) else {
            return false
        }
        return (try? FileManager.default.removeItem(atPath: path)) != nil
    }
}
