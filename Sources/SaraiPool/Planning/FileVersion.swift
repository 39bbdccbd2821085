import Foundation
import SaraiMemory

/// What must be the same for a file to be the same: its size, and when it was last changed.
struct FileVersion: Hashable {
    let size: Int
    let modified: Date

    /// The version of a file that is there; follows links, as engines are often installed as one.
    init?(_ path: String) {
        let path = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
        else {
            return nil
        }
        self.size = size
        self.modified = modified
    }
}

extension FileVersion {
    /// The versions of a model's files: of the one at `path`, and of the others where its name says that there are any.
    ///
    /// - Parameter path: the model's file, or the first of several.
    /// - Returns: a version per file, `nil` for a file that is not there.
    static func all(of path: String) -> [FileVersion?] {
        guard let name = GGUFSplitName(path), 2...GGUFLimits().parts ~= name.count else {
            return [FileVersion(path)]
        }
        return (1...name.count).map { FileVersion(name.path(ofPart: $0)) }
    }
}

extension FileVersion: CustomStringConvertible {
    var description: String {
        "\(size) \(modified.timeIntervalSince1970)"
    }
}
