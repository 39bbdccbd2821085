import SaraiCore

/// Which files of a repository are fetched, and why these.
struct HubChoice: Hashable, Sendable {
    /// The model.
    let model: HubModel
    /// Its multimodal projector; `nil` if the repository has none.
    let projector: HubFile?
    /// Why these, a sentence each, for a person.
    let reasons: [String]

    /// Chooses.
    ///
    /// - Parameters:
    ///   - wanted: what was asked for.
    ///   - files: the repository's GGUF files.
    ///   - repository: named in errors.
    ///   - projectorName: the projector's name where that is known; it is taken if the repository has it.
    /// - Throws: ``HubError`` when nothing fits, or more than one model does; it lists what there is.
    init(
        _ wanted: HubRepository.Wanted, among files: [HubFile], of repository: HubRepository,
        projectorName: String? = nil
    ) throws(HubError) {
        let (models, projectors) = HubModel.all(in: files)
        guard !models.isEmpty else {
            throw HubError(
                .notFound,
                "hf.co/\(repository) has no GGUF file of a model; look for a repository whose name ends in -GGUF")
        }
        let (model, reason) = try Self.model(wanted, among: models, of: repository)
        self.model = model
        projector = Self.projector(for: model, among: projectors, named: projectorName)
        var reasons = [reason]
        if let projector {
            reasons.append(Self.reason(for: projector, among: projectors, named: projectorName))
        }
        self.reasons = reasons
    }

    private static func model(
        _ wanted: HubRepository.Wanted, among models: [HubModel], of repository: HubRepository
    ) throws(HubError) -> (HubModel, String) {
        switch wanted {
        case .file(let path):
            guard let model = models.first(where: { $0.files.contains { $0.path == path } }) else {
                throw HubError(.notFound, "hf.co/\(repository) has no \(path)\(list(models, of: repository))")
            }
            let parts = model.files.count == 1 ? "" : " and the other \(model.files.count - 1) files of its model"
            return (model, "\(path)\(parts), as it was named.")
        case .quantization(let name):
            // Some people write what stands before it too: UD-Q4_K_XL.
            let name = Quantization.name(of: name) ?? name.uppercased()
            let found = models.filter { $0.quantization == name }
            guard let model = found.first else {
                throw HubError(.notFound, "hf.co/\(repository) has no \(name)\(list(models, of: repository))")
            }
            guard found.count == 1 else {
                throw HubError(
                    .refused, "hf.co/\(repository) has several models in \(name)\(list(found, of: repository))")
            }
            return (model, "\(model.path), the one in \(name).")
        case .best:
            let ranked = models.sorted { rank($0) < rank($1) }
            let model = ranked[0]
            guard models.count > 1 else {
                return (model, "\(model.path), the only model there.")
            }
            let rivals = ranked.filter { rank($0).0 == rank(model).0 }
            guard rivals.count == 1 || rank(model).0 == Quantization.preferred.count else {
                throw HubError(.refused, "hf.co/\(repository) has several models\(list(rivals, of: repository))")
            }
            guard let quantization = model.quantization, Quantization.preferred.contains(quantization) else {
                return (model, "\(model.path), the smallest of \(models.count) models.")
            }
            return (
                model,
                "\(model.path): of \(models.count) models, \(quantization) has the best balance of size and quality."
            )
        }
    }

    /// The order of models that nobody chose among: by quantisation, then by size.
    private static func rank(_ model: HubModel) -> (Int, Int) {
        (Quantization.rank(model.quantization, in: Quantization.preferred), model.size)
    }

    /// What else could be asked for, at the end of an error.
    private static func list(_ models: [HubModel], of repository: HubRepository) -> String {
        let names = models.map { model in
            let isUnique = models.filter { $0.quantization == model.quantization }.count == 1
            let name = isUnique ? model.quantization.map { ":\($0)" } : nil
            return "  hf.co/\(repository)\(name ?? "/" + model.path) (\(MemorySize(bytes: model.size)))"
        }
        let shown = names.prefix(30).joined(separator: "\n")
        return ". There are:\n\(shown)" + (names.count > 30 ? "\n  … and \(names.count - 30) more" : "")
    }

    // MARK: Projectors

    private static func projector(for model: HubModel, among projectors: [HubFile], named name: String?) -> HubFile? {
        if let named = projectors.first(where: { $0.name == name }) {
            return named
        }
        let folder = model.path.split(separator: "/").dropLast()
        return projectors.min { left, right in
            func rank(_ file: HubFile) -> (Int, Int, Int) {
                let isBeside = file.path.split(separator: "/").dropLast() == folder
                let quantization = Quantization.name(of: file.path)
                return (
                    isBeside ? 0 : 1, Quantization.rank(quantization, in: Quantization.preferredOfProjectors),
                    file.size
                )
            }
            return rank(left) < rank(right)
        }
    }

    private static func reason(
        for projector: HubFile, among projectors: [HubFile], named name: String?
    ) -> String {
        if projector.name == name {
            return "\(projector.path), the projector that the configuration names."
        }
        guard projectors.count > 1 else {
            return "\(projector.path), its projector for images or audio."
        }
        return "\(projector.path): of \(projectors.count) projectors the smallest that loses nothing."
    }
}
