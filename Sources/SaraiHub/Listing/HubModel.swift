import SaraiCore
import SaraiMemory

/// A model of a repository: one file, or all those that it is split into.
struct HubModel: Hashable, Sendable {
    /// The files, in the order in which the engine names them.
    let files: [HubFile]
    /// As the first file's name tells it; `nil` if it tells none.
    let quantization: String?

    /// Bytes of all files.
    var size: Int {
        files.reduce(0) { $0 + $1.size }
    }

    /// The path of the file that stands for the model.
    var path: String {
        files[0].path
    }

    private init(_ files: [HubFile]) {
        self.files = files
        quantization = Quantization.name(of: files[0].path)
    }

    /// Whether a file is a multimodal projector, by its name.
    static func isProjector(_ file: HubFile) -> Bool {
        file.name.lowercased().contains("mmproj")
    }

    /// The models of a repository, and the projectors among its files.
    ///
    /// - Parameter files: the repository's GGUF files.
    /// - Returns: both in the order of the list. Of a model that is split all files must be there; others are left out.
    static func all(in files: [HubFile]) -> (models: [HubModel], projectors: [HubFile]) {
        let projectors = files.filter(isProjector)
        let byPath = Dictionary(files.map { ($0.path, $0) }) { first, _ in first }
        let models = files.filter { !isProjector($0) }.compactMap { file -> HubModel? in
            guard let split = GGUFSplitName(file.path) else {
                return HubModel([file])
            }
            guard split.number == 1, split.count <= GGUFLimits().parts else {
                return nil
            }
            let parts = (1...split.count).compactMap { byPath[split.path(ofPart: $0)] }
            return parts.count == split.count ? HubModel(parts) : nil
        }
        return (models, projectors)
    }
}
