import SaraiCore

/// The table of all keys. Whoever adds a key adds a row here, and a property that the row fills.
enum ConfigurationSchema {
    /// All sections, in the order of the reference page.
    static let sections = [models.description] + settings + [pipelines.description]

    /// The sections whose keys stand directly under their names; in the others names come first.
    static let settings = [
        memory.description, server.description, timeouts.description, failover.description, engine.description,
        log.description,
        router.description, search.description, hub.description,
    ]

    /// The variables that override a key of a section, by the key's path; those per model are not among them.
    static let overridingVariables = sections.flatMap { section in
        section.keys.compactMap { $0.variable?.name(for: nil) }
    }

    /// The URL of the Ollama server that models without `servers` use.
    static let ollamaVariable = "OLLAMA_BASE_URL"

    static let memory = Section(
        name: "memory",
        summary: "The memory that all models together may use.",
        defaults: MemoryConfiguration(budget: .zero),
        keys: [
            .init(
                "max_ram_gb", .budget, \.budget, variable: .named("MAX_RAM_GB"),
                defaultText: "75 % of the machine's memory",
                "The budget for all models on this machine together. A number without a unit counts GiB (2^30 bytes)."),
            .init(
                "max_concurrent_llms", .integer(1...64), \.maxConcurrentLLMs, variable: .named("MAX_CONCURRENT_LLMS"),
                "Text models loaded on this machine at the same time, at most. Embedding models do not count."),
            .init(
                "strategy", .choice, \.strategy,
                "What happens to loaded models. `hybrid_http_gguf`: all that fit stay loaded."),
            .init(
                "on_full", .choice, \.onFull,
                "When a model is needed and memory does not hold it: `evict` unloads idle models that are not pinned, "
                    + "`queue` waits for memory, `remote` asks the model's other targets, `reject` refuses at once."),
            .init(
                "keep_alive", .keepAlive, \.keepAlive,
                "How long a model stays loaded after its last request, unless the request says."),
            .init(
                "warm_up", .choice, \.warmUp,
                "Whether a load ends with one full step, which brings out the worker's peak: at the `first` load "
                    + "of a file that no request waits for, `always`, or `never`."),
        ])

    static let server = Section(
        name: "server",
        summary: "Where the daemon listens and what it accepts.",
        defaults: ServerConfiguration(),
        keys: listening + access + limits)

    private static let listening: [ConfigurationKey<ServerConfiguration>] = [
        .init(
            "listen", .listenAddress, \.listen, variable: .named("SARAI_LISTEN"), flag: "--listen",
            effect: .onRestart,
            "An address of this machine, or `unix:PATH`. One that other machines can reach needs an API key "
                + "([security](security.md)). Without a port: 11435; port 0 takes any free one."),
        .init(
            "max_body", bodySize, \.maxBody, effect: .onRestart,
            "Size of a request without media, at most. A number without a unit counts bytes."),
        .init(
            "max_media_body", bodySize, \.maxMediaBody, effect: .onRestart,
            "Size of a request with images or audio, at most."),
        .init(
            "max_body_total", bodySize, \.maxBodyTotal, effect: .onRestart,
            "Size of all requests above 64 KiB that are being read or answered, together, at most. Further ones are told "
                + "to come again."),
        .init("max_queue", .integer(1...100_000), \.maxQueue, "Requests that wait for one model, at most."),
        .init(
            "allowed_hosts", .list(of: .text("a host name"), noun: "a list of host names"), \.allowedHosts,
            effect: .onRestart,
            "Names that a `Host` header may carry besides the loopback names and the address that the client "
                + "connected to: this machine's name in the network, or that of a reverse proxy."),
    ]

    static let bodySize = ValueType<MemorySize>.size(
        defaultUnit: MemorySize(bytes: 1), named: "bytes", maximum: .gibibytes(1))

    static let timeouts = Section(
        name: "timeouts",
        summary: "How long things may take. A number without a unit counts seconds.",
        defaults: TimeoutConfiguration(),
        keys: [
            .init("connect", .duration, \.connect, effect: .onRestart, "Connecting to a server."),
            .init("first_token", .duration, \.firstToken, "From a request to its first token."),
            .init("stall", .duration, \.stall, "Between two tokens."),
            .init(
                "request", .duration, \.request,
                "From a request's arrival to the end of its answer, over all attempts."),
            .init("load", .duration, \.load, "Loading a model, from the start of its worker until it is ready."),
            .init("queue", .duration, \.queue, "Waiting for a free slot or for a model to load."),
            .init("health_interval", .duration, \.healthInterval, "Between two health checks of a server."),
            .init(
                "drain", .duration, \.drain, effect: .onRestart,
                "What running answers get to finish when the daemon stops."),
        ])

    static let failover = Section(
        name: "failover",
        summary: "When a server is left alone, and how it comes back.",
        defaults: FailoverConfiguration(),
        keys: [
            .init(
                "eject_after", .integer(1...100), \.ejectAfter,
                "Failed requests in a row after which a server is left alone. One that cannot be reached is left alone at "
                    + "once."),
            .init(
                "ejection", .duration, \.ejection,
                "How long a server is left alone the first time; twice as long each further time."),
            .init("max_ejection", .duration, \.maxEjection, "How long a server is left alone at most."),
            .init(
                "slow_start", .duration, \.slowStart,
                "The time over which a server that has come back gets its full share of requests again."),
            .init(
                "self_probe", .selfProbe, \.selfProbe,
                "How often an idle, loaded twin is asked for one token to see that it works, or `never`."),
            .init(
                "retry_share", .share, \.retryShare,
                "Attempts beyond the first that may run at the same time, as a share of the running requests. Three always "
                    + "may."),
        ],
        contradiction: { failover in
            guard failover.ejection > failover.maxEjection else {
                return nil
            }
            let ejection = ValueType<Duration>.render(failover.ejection)
            let maximum = ValueType<Duration>.render(failover.maxEjection)
            return .init(
                keys: ["ejection", "max_ejection"],
                message:
                    "an ejection of \(ejection) is more than max_ejection, \(maximum). Lower it or raise the other.")
        })

    static let log = Section(
        name: "log",
        summary: "What the daemon writes on stderr.",
        defaults: LogConfiguration(),
        keys: [
            .init(
                "format", .choice, \.format, variable: .named("SARAI_LOG_FORMAT"), flag: "--log-format",
                effect: .onRestart,
                "`text` for people, or `json`: an object a line, with `time`, `level`, `message`, `logger` and `metadata`."
            ),
            .init(
                "level", .choice, \.level, variable: .named("SARAI_LOG_LEVEL"), flag: "--log-level", effect: .onRestart,
                "The least important lines that are written. `debug` has a line for each HTTP request; none has prompts or "
                    + "answers."),
        ])

    static let engine = Section(
        name: "engine",
        summary: "What runs the models of this machine.",
        defaults: EngineConfiguration(),
        keys: [
            .init(
                "llama_server", .file, \.llamaServer, variable: .named("SARAI_LLAMA_SERVER"),
                defaultText: "found in the data folder's `engine/`, then on `PATH`", effect: .onRestart,
                "The `llama-server` program."),
            .init(
                "whisper_python", .file, \.whisperPython, variable: .named("SARAI_WHISPER_PYTHON"),
                defaultText: "in the data folder's `python/speech`, where `sarai setup speech` puts it",
                effect: .onRestart, "The Python interpreter that runs Whisper models; it must find `faster_whisper`."),
            .init(
                "worker_network", .boolean, \.isNetworkAllowed, effect: .onRestart,
                "Whether what runs models may use the network. Without, it gets a network namespace of its own, where the "
                    + "system allows that."),
        ])
}
