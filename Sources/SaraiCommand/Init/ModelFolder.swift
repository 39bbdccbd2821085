import Foundation
import SaraiMemory
import SystemPackage

/// A folder with models, and what is in it.
struct ModelFolder {
    /// A file that cannot be used, or is not needed.
    struct Skipped: Encodable {
        let path: String
        let reason: String
    }

    /// Folders below the folder that are looked into.
    private static let depth = 3

    /// Absolute path.
    let path: String
    /// Sorted by path.
    private(set) var models: [FoundModel] = []
    /// Folders of Whisper models, sorted by path.
    private(set) var whispers: [String] = []
    /// What was left aside, and why.
    private(set) var skipped: [Skipped] = []

    /// Looks into a folder and those below it. Reads headers only.
    ///
    /// - Throws: ``CommandFailure`` if there is no such folder.
    init(_ path: String) throws {
        self.path = URL(filePath: (path as NSString).expandingTildeInPath).standardizedFileURL.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: self.path, isDirectory: &isFolder), isFolder.boolValue else {
            throw CommandFailure(
                .failed, "there is no folder \(self.path). Name the one that has the models' GGUF files.")
        }
        look(into: self.path, depth: Self.depth)
    }

    private mutating func look(into folder: String, depth: Int) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.sorted() ?? []
        if names.contains("model.bin"), (try? WhisperModel.read(FilePath(folder))) != nil {
            whispers.append(folder)
            return
        }
        for name in names where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                continue
            }
            if isFolder.boolValue {
                if depth > 0 {
                    look(into: path, depth: depth - 1)
                }
            } else if name.lowercased().hasSuffix(".gguf") {
                read(path)
            }
        }
    }

    private mutating func read(_ path: String) {
        // The first file of a model that is split stands for all.
        if let part = GGUFSplitName(path), part.number > 1 {
            return
        }
        do throws(GGUFError) {
            models.append(try FoundModel(path: path))
        } catch {
            let prefix = "\(path): "
            let reason = error.message.hasPrefix(prefix) ? String(error.message.dropFirst(prefix.count)) : error.message
            skipped.append(Skipped(path: path, reason: reason))
        }
    }
}
