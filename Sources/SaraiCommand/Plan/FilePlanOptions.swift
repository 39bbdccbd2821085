import ArgumentParser
import SaraiMemory

/// The options of `sarai plan` for a file that is not configured.
struct FilePlanOptions: ParsableArguments {
    /// Whether the file serves embeddings.
    enum Embedding: String, CaseIterable, ExpressibleByArgument {
        /// As the file says.
        case auto
        case yes, no
    }

    @Argument(
        help: ArgumentHelp(
            "Plan what 'sarai pull' would fetch, before a byte of its weights is: hf.co/ORG/REPO[:QUANT], or a model's name.",
            discussion: "With the projector that comes along.", valueName: "ref"))
    var reference: String?

    @Option(
        help: ArgumentHelp(
            "Plan this file instead of the configuration, from its header alone.",
            discussion: "A path, of a download that goes on as well, or an https:// address.", valueName: "file-or-url")
    )
    var gguf: String?

    @Option(help: ArgumentHelp("Of the file: its multimodal projector.", valueName: "file-or-url"))
    var mmproj: String?

    @Option(help: ArgumentHelp("Of the file: tokens of context for each slot.", valueName: "n"))
    var ctx: Int?

    @Option(help: ArgumentHelp("Of the file: requests at the same time.", valueName: "n"))
    var slots: Int?

    @Option(
        help: ArgumentHelp(
            "Of the file: how keys and values of the context are stored: f16, q8_0 or q4_0.", valueName: "type"),
        transform: { text in
            guard let type = LoadSettings.CacheType(rawValue: text) else {
                throw ValidationError("expected f16, q8_0 or q4_0.")
            }
            return type
        })
    var kvType: LoadSettings.CacheType?

    @Option(help: ArgumentHelp("Of the file: whether it serves embeddings.", valueName: "choice"))
    var embedding: Embedding?

    func validate() throws {
        let isIdle = mmproj == nil && ctx == nil && slots == nil && kvType == nil && embedding == nil
        guard gguf != nil || reference != nil || isIdle else {
            throw ValidationError("--mmproj, --ctx, --slots, --kv-type and --embedding go with --gguf or a reference.")
        }
        guard gguf == nil || reference == nil else {
            throw ValidationError("either a reference or --gguf.")
        }
        guard 1...1_048_576 ~= ctx ?? 1 else {
            throw ValidationError("--ctx must be from 1 to 1048576.")
        }
        guard 1...256 ~= slots ?? 1 else {
            throw ValidationError("--slots must be from 1 to 256.")
        }
    }

    /// How Sarai would load a model: as configured by default, where the options do not say.
    func settings(for model: GGUFHeader) -> LoadSettings {
        let isEmbedding =
            switch embedding ?? .auto {
            case .auto: model.isEmbeddingModel
            case .yes: true
            case .no: false
            }
        let usual = isEmbedding ? 512 : 4096
        let trained = max(1, model.contextLength ?? usual)
        return LoadSettings(
            contextLength: ctx ?? min(usual, trained), slots: slots ?? (isEmbedding ? 4 : 1), isEmbedding: isEmbedding,
            cacheType: kvType ?? .f16)
    }
}
