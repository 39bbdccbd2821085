import SaraiCore

extension ConfigurationSchema {
    static let models = Section(
        name: "models",
        summary: "The models, by the name that clients use. Each needs a `backend` or a list of `targets`.",
        defaults: ModelDraft(),
        keys: [role] + shortForm + [targets] + localKeys + policyKeys)

    private static let role = ConfigurationKey<ModelDraft>(
        "role", .choice, \.role,
        "What the model is for. `embedding` models serve vectors, `reranker` models judge documents, `speech` models turn speech into text, all "
            + "others answer."
    )

    /// The keys that ``targets`` takes the place of.
    static let shortForm: [ConfigurationKey<ModelDraft>] = [
        .init(
            "backend", .choice, \.preferred.backend, defaultText: "required without `targets`",
            "The preferred way to serve the model: an Ollama server, a server that speaks OpenAI's API, a GGUF file, or a "
                + "Whisper model."
        ),
        .init(
            "model", .text("a model's name"), \.preferred.model, defaultText: "the model's own name", needs: .remote,
            "The model's name on the servers."),
        .init(
            "servers", servers, \.preferred.servers, defaultText: defaultServers, needs: .remote, serversSummary),
        .init(
            "api_key", .secret, \.preferred.apiKey, defaultText: "none", needs: .remote,
            "Sent to the servers as a bearer token. Write `${NAME}` and put the key in `.env`; empty means none."),
        .init(
            "api_key_file", .secretFile, \.preferred.apiKeyFile, defaultText: "none", needs: .remote,
            apiKeyFileSummary),
        .init(
            "ca_file", .existingFile, \.preferred.authorities, defaultText: defaultAuthorities, needs: .remote,
            authoritiesSummary),
        .init("capacity", capacity, \.preferred.capacity, needs: .remote, capacitySummary),
        .init(
            "fallback", .choice, \.fallback,
            "`gguf_native`: when no server answers, the local file does. It needs `gguf`; and `whisper_native`, for role "
                + "`speech`, needs `whisper`."),
        .init(
            "prefer_http", .boolean, \.prefersHTTP, variable: .suffix("_PREFER_HTTP"), needs: .both,
            "Ask the servers first. `false` asks the local file first."),
        .init(
            "same_model", .boolean, \.preferred.isSameModel,
            "The servers and the file hold the same weights, so one may continue an answer that the other began."),
    ]

    static let targets = ConfigurationKey<ModelDraft>(
        "targets", .list(of: .target, noun: "a list of targets"), \.targets, defaultText: "none",
        "The ways to serve the model, in order of preference, in place of the keys above: see `models.NAME.targets`.")

    /// An entry of ``targets``.
    static let targetEntry = Section(
        name: "targets",
        summary: "Entries of the list `targets`. The first that can answer does. One entry may be a `gguf_native` or "
            + "a `whisper_native`; the file and its settings are the model's own keys.",
        defaults: TargetDraft(),
        keys: [
            .init(
                "backend", .choice, \.backend, isRequired: true,
                "An Ollama server, a server that speaks OpenAI's API, the model's GGUF file, or its Whisper model."),
            .init(
                "servers", servers, \.servers, defaultText: defaultServers, needs: .remote, serversSummary),
            .init(
                "model", .text("a model's name"), \.model, defaultText: "the model's own name", needs: .remote,
                "The model's name on these servers."),
            .init(
                "api_key", .secret, \.apiKey, defaultText: "none", needs: .remote,
                "Sent to these servers as a bearer token. Write `${NAME}` and put the key in `.env`."),
            .init(
                "api_key_file", .secretFile, \.apiKeyFile, defaultText: "none", needs: .remote, apiKeyFileSummary),
            .init(
                "ca_file", .existingFile, \.authorities, defaultText: defaultAuthorities, needs: .remote,
                authoritiesSummary),
            .init("capacity", capacity, \.capacity, needs: .remote, capacitySummary),
            .init(
                "same_model", .boolean, \.isSameModel,
                "The same weights as the first entry, so one may continue an answer that the other began."),
        ])

    /// A server that is a mapping.
    static let serverEntry = Section(
        name: "servers",
        summary: "A server of a target.",
        defaults: ServerDraft(),
        keys: [
            .init("url", .serverURL, \.url, isRequired: true, "The server's base URL."),
            .init(
                "capacity", capacity, \.capacity, defaultText: "the `capacity` beside `servers`",
                "Requests at the same time to this server, at most."),
            .init(
                "api_key", .secret, \.apiKey, defaultText: "the `api_key` beside `servers`",
                "Sent to this server as a bearer token. Write `${NAME}` and put the key in `.env`."),
            .init(
                "api_key_file", .secretFile, \.apiKeyFile, defaultText: "the `api_key_file` beside `servers`",
                apiKeyFileSummary),
            .init(
                "ca_file", .existingFile, \.authorities, defaultText: "the `ca_file` beside `servers`",
                authoritiesSummary),
        ])

    private static let apiKeyFileSummary = "A file whose first line is the key, in place of `api_key`."
    private static let defaultAuthorities = "the machine's authorities"
    private static let authoritiesSummary =
        "The certificates, as PEM, that may vouch for an `https` server: its authority's, or its own."

    private static let servers = ValueType<[ServerEntry]>.list(
        of: .server, noun: "a list of URLs or of {url: URL, capacity: NUMBER}")
    private static let defaultServers = "`${\(ollamaVariable)}` for `ollama_http`"
    private static let serversSummary =
        "Base URLs of one or several servers, among which requests are balanced. A final `/v1` is left out for "
        + "`openai_http`."
    private static let capacity = ValueType<Int>.integer(1...1024)
    private static let capacitySummary = "Requests at the same time to one server, at most."

    private static let localKeys: [ConfigurationKey<ModelDraft>] = [
        .init(
            "gguf", .file, \.gguf, defaultText: "none", needs: .gguf,
            "The model's file. A relative path starts in this file's folder, or else in the data folder."),
        .init(
            "mmproj", .file, \.mmproj, defaultText: "none", needs: .gguf,
            "The multimodal projector's file, for images and audio."),
        .init(
            "chat_template", .existingFile, \.chatTemplate, defaultText: "the one in `gguf`", needs: .gguf,
            "A file with a Jinja chat template in place of the model's own: with one that has a place for tools, a "
                + "model whose own has none can call them. Found like `gguf`."),
        .init(
            "source", .modelSource, \.source, defaultText: "none", needs: .gguf,
            "Where `sarai pull NAME` gets `gguf` and `mmproj` from: `hf.co/ORG/REPO:QUANT`, `hf.co/ORG/REPO/FILE.gguf` or an "
                + "`https://` address. `#sha256=…` behind a file says what its bytes must be."),
        .init(
            "whisper", .whisperFolder, \.whisper, defaultText: "none", needs: .whisper,
            "The folder of a Whisper model in CTranslate2's format, found like `gguf`."),
        .init(
            "context_length", .integer(128...1_048_576), \.contextLength,
            defaultText: "4096; 512 for roles `embedding` and `reranker`", needs: .gguf,
            "Tokens of context for each slot, if memory allows."),
        .init(
            "min_context_length", .integer(128...1_048_576), \.minContextLength,
            defaultText: "`context_length` where that is set; else 2048, or 512 for roles `embedding` and `reranker`",
            needs: .gguf,
            "Tokens of context that each slot must have: to make everything fit, the plan may go down to it."),
        .init(
            "slots", .integer(1...256), \.slots, defaultText: "1; 4 for roles `embedding` and `reranker`", needs: .gguf,
            "Requests that the local worker serves at the same time, if memory allows."),
        .init(
            "min_slots", .integer(1...256), \.minSlots,
            defaultText: "`slots` where that is set; else 1", needs: .gguf,
            "Requests at the same time that the local worker must serve: the plan may go down to it."),
        .init(
            "load_mode", .choice, \.loadMode, needs: .gguf,
            "How weights come into memory: `mapped` from the file as they are, `repacked` into private memory in the layout "
                + "that suits the processor, or `auto` as the plan finds best."),
        .init(
            "kv_types", .list(of: .choice, noun: "a list of f16, q8_0, q4_0"), \.kvTypes, needs: .gguf,
            "How keys and values of the context may be stored, the preferred type first; the plan takes a later one only to "
                + "make everything fit."),
        .init(
            "micro_batch", .integer(32...16_384), \.microBatch, defaultText: "chosen by the plan, 512 at most",
            needs: .gguf,
            "Tokens that the engine evaluates in one step. More need more memory; an embedding must fit in one step."),
        .init(
            "threads", .integer(1...1024), \.threads, defaultText: "the cores that the daemon may use", needs: .local,
            "Threads that one generation uses."),
        .init(
            "rpc", .list(of: .rpcServer, noun: "a list of HOST:PORT"), \.rpc, defaultText: "none", needs: .gguf,
            "llama.cpp's RPC servers, which hold and compute the model's layers between them: one model over several "
                + "machines. Neither encrypted nor authenticated; see [more-machines.md](more-machines.md)."),
    ]

    private static let policyKeys: [ConfigurationKey<ModelDraft>] = [
        .init(
            "resident", .boolean, \.isResident, needs: .local, "Load the local file at start, and keep it loaded."),
        .init(
            "pinned", .boolean, \.isPinned, needs: .local,
            "Never unload the local file to make room for another model. Resident models never are."),
        .init(
            "on_full", .choice, \.onFull, defaultText: "`memory.on_full`", needs: .local,
            "When memory does not hold the local file: `evict`, `queue`, `remote` or `reject`."),
        .init(
            "keep_alive", .keepAlive, \.keepAlive, defaultText: "`memory.keep_alive`; 5m for role `speech`",
            needs: .local,
            "How long the local file stays loaded after its last request, unless the request says."),
        .init(
            "best_effort", .boolean, \.isBestEffort, needs: .local,
            "The local file may be left out of the plan when it does not fit into the budget."),
        .init(
            "matryoshka", .boolean, \.isMatryoshka, defaultText: "true for EmbeddingGemma, else false",
            "An embedding model that was trained so that the beginning of a vector keeps the sense of the whole: requests may "
                + "ask for shorter ones (`dimensions`)."),
    ]
}
