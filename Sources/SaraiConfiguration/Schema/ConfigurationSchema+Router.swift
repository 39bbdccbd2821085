import SaraiCore

extension ConfigurationSchema {
    static let router = Section(
        name: "router",
        summary: "How requests to `sarai:auto` find the model or the pipeline that answers them.",
        defaults: RouterConfiguration(),
        keys: [
            .init(
                "head", .choice, \.head,
                "Which trained head scores the requests: the one that did `best` in training, or the recursive `trm`."
            ),
            .init(
                "embedding", .modelName, \.embedding, defaultText: "the first model with role `embedding`",
                "The embedding model that the head works on. It must be the one that the head was trained on."),
            .init(
                "file", .existingFile, \.file, defaultText: "the weights that come with Sarai",
                "A file of weights from `make train-router`. A reload reads it again."),
            .init(
                "fallback", .modelReference, \.fallback, defaultText: "`expert`",
                "Who answers when the router is not sure or cannot be asked: a role, or the name of a model."),
        ])

    static let search = Section(
        name: "search",
        summary: "Searching the web, for pipelines that do. Nothing leaves this machine unless `url` is set.",
        defaults: SearchConfiguration(),
        keys: [
            .init(
                "url", .baseURL, \.url, defaultText: "off",
                "The base URL of a SearXNG server that answers in JSON."),
            .init("timeout", .duration, \.timeout, "How long a search may take."),
            .init("results", .integer(1...20), \.results, "Results that a search gives, at most."),
            .init(
                "cache_time", .durationOrZero, \.cacheTime,
                "How long results are kept on disk; 0 keeps no further ones. A number without a unit counts seconds."),
            .init(
                "cache_size", bodySize, \.cacheSize,
                "The size of what is kept, at most. A number without a unit counts bytes."),
        ])
}
