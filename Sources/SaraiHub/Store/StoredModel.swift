package import SaraiMemory
import SystemPackage

/// A model's file, or what there is of it.
package struct StoredModel: Sendable {
    /// How it is.
    package enum State: Sendable {
        /// All there.
        case whole(GGUFHeader)
        /// A download that is not complete; `source` is `nil` where nothing of it can be used.
        case incomplete(completed: Int, source: String?)
        /// Something else than a model; holds the reason.
        case broken(String)
    }

    /// What people call it: its path below the folder of models, or its whole path.
    package let name: String
    /// Its whole path; of a model in several files, that of the first.
    package let path: String
    /// Bytes of all its files; of a download, those that it will have.
    package let size: Int
    /// How it is.
    package let state: State

    /// What is known already.
    init(name: String, path: String, size: Int, state: State) {
        (self.name, self.path, self.size, self.state) = (name, path, size, state)
    }

    /// A file that has its final name; reads its header.
    package init(name: String, path: String) {
        let parts = GGUFSplitName(path).map { split in (1...split.count).map { split.path(ofPart: $0) } } ?? [path]
        let size = parts.reduce(0) { $0 + ModelStore.size(of: $1) }
        do throws(GGUFError) {
            let header = try GGUFHeader.read(FilePath(path))
            self.init(name: name, path: path, size: size, state: .whole(header))
        } catch {
            self.init(name: name, path: path, size: size, state: .broken(error.message))
        }
    }
}
