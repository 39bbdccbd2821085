import SaraiConfiguration
import SaraiCore

/// The first configuration for a folder of models: which files serve as what, under which name, and which of them a server
/// has too.
///
/// A pure function of what was found; the plan may have the last word about ``Entry/isBestEffort``.
struct Proposal {
    /// A model of the configuration.
    struct Entry {
        var name: String
        var role: ModelConfiguration.Role
        /// What it is, for people.
        let comment: String
        var gguf: String?
        var mmproj: String?
        var whisper: String?
        /// The model's name on the server.
        var remote: String?
        /// Whether the server's model looks like the very same file.
        var isSameFile = false
        var isBestEffort = false
        /// Tokens of context, where it was trained for fewer than usual.
        var contextLength: Int?
        /// Bytes of the file.
        let size: MemorySize
    }

    /// In the order of the file: the expert first.
    private(set) var entries: [Entry] = []
    /// What is not used, and why.
    private(set) var skipped: [ModelFolder.Skipped]
    /// The server that the hybrid models use.
    let server: ServerCatalogue?
    /// Models of the server that are not used.
    let unusedOnServer: [String]

    /// Weights from which a language model counts as big.
    private static let expertSize = 5_000_000_000

    /// Makes a proposal.
    ///
    /// - Parameters:
    ///   - folder: what was found.
    ///   - server: what a server has, if one was named.
    ///   - runsWhisper: whether there is what runs Whisper models.
    init(_ folder: ModelFolder, server: ServerCatalogue?, runsWhisper: Bool) {
        var entries: [Entry] = []
        var skipped = folder.skipped
        var matcher = TwinMatcher(server?.entries ?? [])
        let pairing = ProjectorPairing(Self.withoutVariants(folder.models, &skipped))
        for projector in pairing.left {
            skipped.append(.init(path: projector.path, reason: "no model here fits this projector"))
        }
        let language = pairing.models.filter { $0.model.kind == .language }
            .sorted { ($0.model.parameters, $1.model.path) > ($1.model.parameters, $0.model.path) }
        let plain = language.filter { $0.projector == nil }.map(\.model)
        for pair in language {
            let model = pair.model
            // Small models answer sooner from here, and pictures and sounds are better sent nowhere.
            let isBig = model == plain.first || model.parameters >= Self.expertSize
            let twin = pair.projector == nil && isBig ? matcher.take(model) : nil
            var entry = Entry(model, name: model.name.family ?? "model", role: .general)
            entry.mmproj = pair.projector?.path
            entry.remote = twin?.entry.id
            entry.isSameFile = twin?.isSameFile ?? false
            if case .projector(let hasAudio)? = pair.projector?.kind {
                entry.role = .omni
                entry.name = hasAudio ? "omni" : entry.name
            } else if model == plain.first, plain.count > 1 || twin != nil || model.parameters >= Self.expertSize {
                entry.role = .expert
            } else if model == plain.last {
                entry.role = .small
            }
            entries.append(entry)
        }
        for pair in pairing.models where pair.model.kind == .embedding {
            entries.append(Entry(pair.model, name: "embedding", role: .embedding))
        }
        for pair in pairing.models where pair.model.kind == .reranker {
            entries.append(Entry(pair.model, name: "reranker", role: .reranker))
        }
        self.entries = entries
        self.skipped = skipped
        self.server = server
        unusedOnServer = matcher.rest.map(\.id)
        addWhispers(folder.whispers, canRun: runsWhisper)
        makeNamesUnique()
    }

    /// Lets the plan leave a model's copy out when it does not fit: the largest that a server has too.
    ///
    /// - Returns: whether there was one.
    mutating func relax() -> Bool {
        let candidates = entries.indices.filter { entries[$0].remote != nil && !entries[$0].isBestEffort }
        guard let index = candidates.max(by: { entries[$0].size < entries[$1].size }) else {
            return false
        }
        entries[index].isBestEffort = true
        return true
    }

    /// Of several quantisations of a model the smallest stays: memory is what there is least of.
    private static func withoutVariants(
        _ models: [FoundModel], _ skipped: inout [ModelFolder.Skipped]
    ) -> [FoundModel] {
        var kept: [FoundModel] = []
        for model in models.sorted(by: { ($0.size, $0.path) < ($1.size, $1.path) }) {
            if let smaller = kept.first(where: { $0.isVariant(of: model) }) {
                let reason = "the same model as \(smaller.path), which is smaller"
                skipped.append(.init(path: model.path, reason: reason))
            } else {
                kept.append(model)
            }
        }
        return kept.sorted { $0.path < $1.path }
    }

    private mutating func addWhispers(_ folders: [String], canRun: Bool) {
        for folder in folders {
            guard canRun else {
                let reason = "nothing here runs Whisper models; 'sarai setup speech' installs what does"
                skipped.append(.init(path: folder, reason: reason))
                continue
            }
            entries.append(
                Entry(name: "whisper", role: .speech, comment: "speech to text", whisper: folder, size: .zero))
        }
    }

    private mutating func makeNamesUnique() {
        var taken: Set<String> = []
        for index in entries.indices {
            let base = entries[index].name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) }
            let plain = ModelName(base)?.rawValue ?? "model"
            var name = plain, number = 1
            while !taken.insert(name).inserted {
                number += 1
                name = "\(plain)-\(number)"
            }
            entries[index].name = name
        }
    }
}

extension Proposal.Entry {
    /// A model by its file.
    fileprivate init(_ model: FoundModel, name: String, role: ModelConfiguration.Role) {
        let usual = role.readsInOneStep ? 512 : 4096
        let facts = [model.title, "\(model.parameterLabel) weights", model.quantization, "\(model.size)"]
        self.init(
            name: name, role: role, comment: facts.compactMap(\.self).joined(separator: ", "), gguf: model.path,
            contextLength: model.trainedContext.flatMap { 128..<usual ~= $0 ? $0 : nil }, size: model.size)
    }
}
