package import SaraiCore
package import SaraiMemory
import Synchronization
import SystemPackage

/// Headers of GGUF files, read once per version of a file, or of any of the files that a model is split into.
///
/// Clients and other Sarais ask for the list of models every few seconds; parsing a vocabulary of a quarter of a million
/// entries each time would be work done over and over.
package final class HeaderCache: Sendable {
    private let entries = Mutex<[String: (versions: [FileVersion?], header: GGUFHeader)]>([:])

    /// An empty cache.
    package init() {}

    /// Forgets the headers of all other files.
    func keep(only paths: Set<String>) {
        entries.withLock { entries in
            entries = entries.filter { paths.contains($0.key) }
        }
    }

    /// The checked header of a file, or which field of it is wrong.
    package func header(of path: String) -> Result<GGUFHeader, PoolError> {
        // Looked at before reading: if a file changes meanwhile, the next look finds another version than the one noted.
        let versions = FileVersion.all(of: path)
        if let entry = entries.withLock({ $0[path] }), entry.versions == versions {
            return .success(entry.header)
        }
        do throws(GGUFError) {
            let header = try GGUFHeader.read(FilePath(path))
            entries.withLock { $0[path] = (versions, header) }
            return .success(header)
        } catch {
            return .failure(PoolError(.unavailable, error.message))
        }
    }
}
