import SaraiCore

/// A file of a repository, as the hub lists it; its path has been checked.
struct HubFile: Hashable, Sendable {
    /// Its path in the repository, by ``SaraiCore/SafeName``.
    let path: String
    /// Bytes.
    let size: Int
    /// What its bytes are; of every large file the hub tells.
    let digest: FileDigest?

    /// A file.
    init(path: String, size: Int, digest: FileDigest?) {
        self.path = path
        self.size = size
        self.digest = digest
    }

    /// The path's last component.
    var name: String {
        String(path.split(separator: "/").last ?? "")
    }
}

/// An entry of the hub's list. Source: `GET /api/models/ORG/REPO/tree/main` of Hugging Face.
struct HubEntry: Decodable {
    /// The real file behind a Git LFS pointer.
    struct LargeFile: Decodable {
        /// SHA-256 of the file.
        let oid: String
        let size: Int
    }

    let type: String
    let path: String
    let size: Int?
    let lfs: LargeFile?

    /// The file, if it is one that a model consists of and has a name that is safe here.
    var file: HubFile? {
        guard type == "file", SafeName.isFile(path), let size = lfs?.size ?? size, 1...(1 << 50) ~= size else {
            return nil
        }
        return HubFile(path: path, size: size, digest: lfs.flatMap { FileDigest($0.oid) })
    }
}
