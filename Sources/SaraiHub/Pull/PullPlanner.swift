import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Makes a ``PullOrder`` of what was asked for and what a hub has.
struct PullPlanner: Sendable {
    let hub: HubAddress
    let destination: PullDestination

    /// The order for a model of a repository.
    ///
    /// - Parameters:
    ///   - source: what was asked for.
    ///   - choice: the files that were chosen.
    ///   - repository: where they are.
    /// - Returns: the files with their destinations.
    /// - Throws: ``HubError`` when the destination does not suit the files.
    func order(_ source: ModelSource, _ choice: HubChoice, of repository: HubRepository) throws(HubError) -> PullOrder {
        var items: [PullItem] = []
        for (index, file) in choice.model.files.enumerated() {
            let path = try path(ofPart: index, of: choice.model, in: repository)
            items.append(try item(.model, file, of: repository, digest: index == 0 ? source.digest : nil, path: path))
        }
        var reasons = Array(choice.reasons.prefix(1))
        if let projector = choice.projector, let path = projectorPath(projector, of: repository) {
            items.append(try item(.projector, projector, of: repository, digest: nil, path: path))
            reasons = choice.reasons
        }
        return PullOrder(source: source, items: items, reasons: reasons)
    }

    /// The order for a file at an address.
    func order(_ source: ModelSource, url: String) throws(HubError) -> PullOrder {
        let address = try hub.address(of: url)
        let name = address.fileName
        guard SafeName.isComponent(name) else {
            throw HubError(.refused, "\(address): the file's name may consist of \(SafeName.rule)")
        }
        guard GGUFSplitName(name) == nil else {
            throw HubError(
                .refused,
                "\(address): one of several files of a model. Only in a hub's repository all are found: hf.co/…")
        }
        let path: String
        switch destination {
        case .folder(let folder): path = "\(folder)/\(name)"
        case .paths(let gguf, let mmproj):
            guard mmproj == nil else {
                throw HubError(
                    .refused,
                    "\(address) is one file, and the configuration names a projector too: use hf.co/ORG/REPO as source")
            }
            path = gguf
        }
        let item = PullItem(
            kind: .model, name: name, size: nil, digest: source.digest, path: path, address: address)
        return PullOrder(source: source, items: [item], reasons: [])
    }

    private func item(
        _ kind: PullItem.Kind, _ file: HubFile, of repository: HubRepository, digest: FileDigest?, path: String
    ) throws(HubError) -> PullItem {
        if let digest, let known = file.digest, digest != known {
            throw HubError(
                .corrupt, "hf.co/\(repository)/\(file.path): the hub has \(known), but \(digest) was asked for")
        }
        do throws(BackendError) {
            return PullItem(
                kind: kind, name: file.name, size: file.size, digest: digest ?? file.digest, path: path,
                address: try hub.file(file.path, of: repository))
        } catch {
            throw HubError(error)
        }
    }

    private func path(ofPart index: Int, of model: HubModel, in repository: HubRepository) throws(HubError) -> String {
        let file = model.files[index]
        switch destination {
        case .folder(let folder): return "\(folder)/\(repository)/\(file.path)"
        case .paths(let gguf, _):
            guard model.files.count > 1 else {
                return gguf
            }
            guard let split = GGUFSplitName(gguf), split.count == model.files.count, split.number == 1 else {
                throw HubError(
                    .refused,
                    """
                    hf.co/\(repository)/\(model.path) consists of \(model.files.count) files, which the engine finds by \
                    their names: the configuration must call the first one \(model.files[0].name)
                    """)
            }
            return split.path(ofPart: index + 1)
        }
    }

    private func projectorPath(_ file: HubFile, of repository: HubRepository) -> String? {
        switch destination {
        case .folder(let folder): "\(folder)/\(repository)/\(file.path)"
        case .paths(_, let mmproj): mmproj
        }
    }
}
