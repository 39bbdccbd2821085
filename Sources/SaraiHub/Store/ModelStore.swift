import Foundation
package import SaraiCore
import SaraiMemory

/// The files of models below one folder.
package struct ModelStore: Sendable {
    /// How deep files may lie, and how many are looked at.
    private static let limits = (depth: 6, files: 10_000)

    /// Its path.
    package let path: String

    /// A folder, which need not exist.
    package init(_ path: String) {
        self.path = path
    }

    /// What is there, by path.
    ///
    /// - Returns: each model once, by the first of its files, and each download that is not complete.
    package func models() -> [StoredModel] {
        names().compactMap { name in
            if name.hasSuffix(PartialFile.suffix) {
                return incomplete(name)
            }
            let split = GGUFSplitName(name)
            guard SafeName.isGGUF(name), split == nil || split?.number == 1 else {
                return nil
            }
            return StoredModel(name: name, path: path(of: name))
        }
    }

    /// The paths of all files that belong to one that ``models()`` lists: the parts of a model, the journal of a download.
    ///
    /// - Parameter name: as listed, or a path in the folder.
    /// - Returns: whole paths; not all of them need exist.
    /// - Throws: ``HubError`` when there is no such file in the folder.
    package func files(of name: String) throws(HubError) -> [String] {
        let prefix = path + "/"
        let name = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        guard names().contains(name) else {
            throw HubError(
                .notFound, "there is no model file '\(name)' below \(path); 'sarai models' lists what is there")
        }
        if name.hasSuffix(PartialFile.suffix) {
            return [path(of: name), DownloadJournal.path(of: path(of: name))]
        }
        let parts = GGUFSplitName(name).map { split in (1...split.count).map { split.path(ofPart: $0) } } ?? [name]
        let incomplete = parts.map { $0 + PartialFile.suffix }
        return (parts + incomplete + incomplete.map { DownloadJournal.path(of: $0) }).map(path(of:))
    }

    /// The names of the files that were fetched from a repository.
    ///
    /// - Parameters:
    ///   - repository: where they came from.
    ///   - wanted: which of its models.
    /// - Returns: those of the model, and of the projector unless another model of the repository is here.
    /// - Throws: ``HubError`` when it is not here, or when more than one is meant.
    package func names(
        of repository: HubRepository, _ wanted: HubRepository.Wanted
    ) throws(HubError) -> [String] {
        let prefix = "\(repository)/"
        let files = names().filter { $0.hasPrefix(prefix) && SafeName.isFile($0.dropFirst(prefix.count)) }
            .map { HubFile(path: String($0.dropFirst(prefix.count)), size: Self.size(of: path(of: $0)), digest: nil) }
        guard !files.isEmpty else {
            throw HubError(.notFound, "hf.co/\(repository) is not on this machine")
        }
        let choice = try HubChoice(wanted, among: files, of: repository)
        let (models, projectors) = HubModel.all(in: files)
        return (choice.model.files + (models.count == 1 ? projectors : [])).map { prefix + $0.path }
    }

    /// Removes files, those that are there.
    ///
    /// - Returns: bytes that became free.
    /// - Throws: ``HubError`` with the first that cannot be removed.
    package func remove(_ files: [String]) throws(HubError) -> Int {
        var freed = 0
        for file in files where FileManager.default.fileExists(atPath: file) {
            let size = Self.size(of: file)
            do {
                try FileManager.default.removeItem(atPath: file)
            } catch {
                throw HubError(.disk, "\(file): cannot be removed: \(error.localizedDescription)")
            }
            freed += size
        }
        return freed
    }

    private func path(of name: String) -> String {
        "\(path)/\(name)"
    }

    /// The names of all files, relative to the folder, sorted.
    private func names() -> [String] {
        var found: [String] = []
        var folders = [("", 0)]
        while let (folder, depth) = folders.popLast() {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: path(of: folder))) ?? []
            for entry in entries where !entry.hasPrefix(".") {
                let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path(of: name), isDirectory: &isFolder) else {
                    continue
                }
                if !isFolder.boolValue {
                    found.append(name)
                } else if depth < Self.limits.depth {
                    folders.append((name, depth + 1))
                }
                guard found.count < Self.limits.files else {
                    return found.sorted()
                }
            }
        }
        return found.sorted()
    }

    private func incomplete(_ name: String) -> StoredModel {
        let journal = DownloadJournal.read(of: path(of: name))
        return StoredModel(
            name: name, path: path(of: name), size: journal?.size ?? Self.size(of: path(of: name)),
            state: .incomplete(completed: journal?.completed ?? 0, source: journal?.source))
    }

    /// Bytes of a file; of a link, of what it leads to.
    static func size(of path: String) -> Int {
        let path = URL(filePath: path).resolvingSymlinksInPath().path
        return (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    }
}
