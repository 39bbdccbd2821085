import SaraiCore

extension ConfigurationSchema {
    static let pipelines = Section(
        name: "pipelines",
        summary: "Several models for one answer, by the name that clients write behind `sarai:`. One of the name of a "
            + "pipeline that comes with Sarai takes its place; `NAME: off` removes that.",
        defaults: PipelineDraft(),
        keys: [
            .init("summary", .text("a sentence"), \.summary, defaultText: "none", "What it does, in one sentence."),
            .init(
                "input", .choice, \.input,
                "What the last message must bring besides text: nothing more, a sound (`audio`), or an image or a sound "
                    + "(`media`)."),
            .init(
                "steps", .list(of: .step, noun: "a list of steps"), \.steps, isRequired: true,
                "What is done. The last one answers; see `pipelines.NAME.steps`."),
        ])

    /// An entry of `steps`.
    static let stepEntry = Section(
        name: "steps",
        summary:
            "Entries of the list `steps`. Each has a `name` and one of `model`, `role`, `search` and `transcribe`. A "
            + "step runs as soon as the steps are over whose results it uses.",
        defaults: StepDraft(),
        keys: actionKeys + generationKeys + conditionKeys)

    /// What a step does: one of these but the first.
    private static let actionKeys: [ConfigurationKey<StepDraft>] = [
        .init(
            "name", .stepName, \.name, isRequired: true,
            "Other steps write `{{name}}` where its result goes."),
        .init("model", .modelName, \.model, defaultText: "none", "Asks the model of this name."),
        .init(
            "role", .choice, \.role, defaultText: "none",
            "Asks the first model of this role. Those of `embedding`, `reranker` and `speech` write no text."),
        .init(
            "search", .template, \.search, defaultText: "none",
            "Searches the web; this is the template of the query. The result is a numbered list of titles and snippets."
        ),
        .init(
            "transcribe", .boolean, \.transcribes,
            "Turns the sounds of the last message into text, which is then part of `{{text}}` too."),
    ]

    private static let generationKeys: [ConfigurationKey<StepDraft>] = [
        .init("system", .template, \.system, defaultText: "none", "The template of the system message."),
        .init(
            "prompt", .template, \.prompt, defaultText: "required with `model` and `role`",
            "The template of the user's message."),
        .init(
            "media", .boolean, \.takesMedia, "The images and sounds of the conversation go along."),
        .init(
            "history", .boolean, \.takesHistory, defaultText: "true for the last step, else false",
            "The earlier messages of the conversation go along."),
        .init(
            "footer", .template, \.footer, defaultText: "none",
            "The template of what is written after the answer; for the last step."),
        .init(
            "max_tokens", .integer(1...1_048_576), \.maxTokens, defaultText: "left to the model",
            "Tokens that the model may write. For the last step the client's number counts first."),
        .init(
            "temperature", .number(upTo: 2), \.temperature, defaultText: "left to the model",
            "How freely the model chooses its words. For the last step the client's number counts first."),
    ]

    private static let conditionKeys: [ConfigurationKey<StepDraft>] = [
        .init(
            "when", .choice, \.condition,
            "When it runs: `always`, or only if the router finds that fresh facts are needed (`web_query`), or if the last "
                + "message brings an `image` or a sound (`audio`)."),
        .init(
            "optional", .boolean, \.isOptional, "If it fails, the pipeline goes on with `otherwise` as its result."),
        .init(
            "otherwise", .localizedText, \.otherwise, defaultText: "empty",
            "Its result if it did not run or failed. An empty result counts as none in templates."),
        .init(
            "timeout", .duration, \.timeout, defaultText: "as long as the request may take",
            "How long it may take. A number without a unit counts seconds."),
    ]

    /// A text per language, where the file writes a mapping.
    ///
    /// - Parameter text: the type of both texts.
    /// - Returns: the mapping's keys.
    static func localized(_ text: ValueType<String>) -> Section<LocalizedDraft> {
        Section(
            name: "text",
            summary: "A text per language; which one is taken follows the language of the last message.",
            defaults: LocalizedDraft(),
            keys: [
                .init("en", text, \.english, isRequired: true, "In English."),
                .init("es", text, \.spanish, isRequired: true, "In Spanish."),
            ])
    }

    /// What has a key within a pipeline, for whoever wrote it in the wrong place there.
    static func pipelineOwner(of key: String) -> String? {
        if stepEntry.keys.contains(where: { $0.name == key }) {
            return "a step"
        }
        return pipelines.keys.contains { $0.name == key } ? "the pipeline itself" : nil
    }
}
