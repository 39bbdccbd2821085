import Foundation
package import SaraiCore
package import SaraiMemory
import Synchronization
import SystemPackage

/// Headers of GGUF files, read once per version of a file.
///
/// Clients and other Sarais ask for the list of models every few seconds; parsing a vocabulary of a quarter of a million
/// entries each time would be work done over and over.
package final class HeaderCache: Sendable {
    /// What must be the same for a file to be the same.
    private struct Version: Hashable {
        let size: Int
        let modified: Date
    }

    private let entries = Mutex<[String: (version: Version, header: GGUFHeader)]>([:])

    /// An empty cache.
    package init() {}

    /// The checked header of a file, or which field of it is wrong.
    package func header(of path: String) -> Result<GGUFHeader, PoolError> {
        let version = Self.version(of: path)
        if let version, let entry = entries.withLock({ $0[path] }), entry.version == version {
            return .success(entry.header)
        }
        do throws(GGUFError) {
            let header = try GGUFHeader.read(FilePath(path))
            if let version {
                entries.withLock { $0[path] = (version, header) }
            }
            return .success(header)
        } catch {
            return .failure(PoolError(.unavailable, error.message))
        }
    }

    private static func version(of path: String) -> Version? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
        else {
            return nil
        }
        return Version(size: size, modified: modified)
    }
}
