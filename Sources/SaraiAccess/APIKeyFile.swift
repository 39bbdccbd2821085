import Foundation

/// The file that holds the keys' digests: made with mode 0600, changed in one step, under a lock.
package struct APIKeyFile: Sendable {
    /// Absolute path.
    package let path: String

    private var file: PrivateFile { PrivateFile(path: path, content: .trusted) }

    /// The file at a path; it need not be there.
    package init(path: String) {
        self.path = path
    }

    /// The keys; none if there is no file.
    ///
    /// - Throws: ``AccessError`` if the file cannot be read, is damaged, or may be changed by others.
    package func read() throws(AccessError) -> APIKeyRing {
        guard let data = try file.read() else {
            return APIKeyRing()
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(APIKeyRing.self, from: data)
        } catch {
            throw AccessError(
                .unreadable,
                "\(path) is not a file of keys. Put a copy back, or remove it and make keys anew with 'sarai keys add NAME'."
            )
        }
    }

    /// Changes the keys.
    ///
    /// - Parameter change: changes what is in the file now.
    /// - Returns: what `change` returns.
    /// - Throws: ``AccessError``; nothing has changed then.
    package func update<Result>(
        _ change: (inout APIKeyRing) throws(AccessError) -> Result
    ) throws(AccessError) -> Result {
        try file.locked { () throws(AccessError) -> Result in
            var ring = try read()
            let result = try change(&ring)
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            let data: Data
            do {
                data = try encoder.encode(ring)
            } catch {
                throw AccessError(.unwritable, "the keys cannot be written: \(error)")
            }
            try file.replace(with: data + Data("\n".utf8))
            return result
        }
    }
}
