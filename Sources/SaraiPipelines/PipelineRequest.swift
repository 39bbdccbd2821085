import SaraiConfiguration
import SaraiCore
import SaraiPool

/// What a client asks of a pipeline.
struct PipelineRequest: Sendable {
    /// As it came.
    let request: GenerationRequest
    let keepAlive: KeepAlive?
    let isWhole: Bool
    /// In which the person writes, as far as that can be told before a sound is heard.
    let language: Language
    private let caller: Caller
    private let deadline: ContinuousClock.Instant
    private let history: [Message]
    private let last: Message

    /// Takes a request apart.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if it is not a conversation in which it is the models' turn.
    init(
        _ request: GenerationRequest, keepAlive: KeepAlive?, isWhole: Bool, caller: Caller, limit: Duration
    ) throws(PoolError) {
        guard case .chat(let messages) = request.prompt, let last = messages.last, last.role == .user else {
            throw PoolError(
                .unsupported,
                "a pipeline answers a conversation whose last message is the user's: not text to be completed, "
                    + "and not a tool's result")
        }
        self.request = request
        self.keepAlive = keepAlive
        self.isWhole = isWhole
        self.caller = caller
        self.last = last
        history = messages.dropLast()
        deadline = .now + min(caller.patience ?? limit, limit)
        let earlier = history.last { $0.role == .user }.map { Language(of: $0.text) }
        language = Language(of: last.text, else: earlier ?? .english)
    }

    /// What the person wrote.
    var text: String { last.text }

    /// What the person shows or lets hear.
    var media: [Media] { last.media }

    /// The pipeline for what the person shows or lets hear; what is to be seen may be explained by a sound beside it.
    var sense: String? {
        media.isEmpty ? nil : media.contains { $0.kind != .audio } ? "see" : "voice"
    }

    /// Who asks, with the time that is left; what was begun is finished also when the daemon is about to end.
    var remaining: Caller {
        var caller = caller
        caller.patience = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
        caller.isUnderWay = true
        return caller
    }

    /// What the request lacks for a step to run, as far as that is known before it runs; `nil` for nothing.
    func lack(for condition: PipelineStep.Condition) -> String? {
        switch condition {
        case .image: media.contains { $0.kind != .audio } ? nil : "no image"
        case .audio: media.contains { $0.kind == .audio } ? nil : "no sound"
        case .always, .webQuery: nil
        }
    }

    /// Refuses what the pipeline cannot work on.
    func check(for pipeline: PipelineConfiguration) throws(PoolError) {
        let what: String? =
            switch pipeline.input {
            case .text: nil
            case .audio: media.contains { $0.kind == .audio } ? nil : "a sound (\(Media.Kind.audio.formats))"
            case .media: media.isEmpty ? "an image, a video or a sound" : nil
            }
        if let what {
            throw PoolError(.invalidRequest, "\(PipelineName.prefix)\(pipeline.name) needs \(what) in the last message")
        }
    }

    /// The request to a model in the middle of a pipeline.
    func asking(_ step: GenerationStep, _ values: PipelineValues) throws -> GenerationRequest {
        var sampling = Sampling()
        sampling.maxTokens = step.maxTokens
        sampling.temperature = step.temperature
        return GenerationRequest(prompt: .chat(try messages(step, values)), sampling: sampling)
    }

    /// The request to the model that answers: as the client wants its answer.
    func answering(_ step: GenerationStep, _ values: PipelineValues) throws -> GenerationRequest {
        var request = request
        request.prompt = .chat(try messages(step, values))
        request.sampling.maxTokens = request.sampling.maxTokens ?? step.maxTokens
        request.sampling.temperature = request.sampling.temperature ?? step.temperature
        return request
    }

    /// What is written below the answer, as a paragraph of its own; `nil` for nothing, and where the answer is for a program.
    func footer(of step: GenerationStep, _ values: PipelineValues) throws -> String? {
        guard let template = step.footer, request.format == nil else {
            return nil
        }
        let text = try render(template, values).trimmingSpace
        return text.isEmpty ? nil : "\n\n" + text
    }

    /// Fills a template in.
    func render(_ template: LocalizedText, _ values: PipelineValues) throws -> String {
        try PromptTemplate(template[values.language]).render(values.values)
    }

    /// One system message at most: chat templates know no more.
    private func messages(_ step: GenerationStep, _ values: PipelineValues) throws -> [Message] {
        let earlier = step.takesHistory ? history : []
        let own = try step.system.map { try render($0, values) }
        let system = ([own].compactMap(\.self) + earlier.filter(\.isInstruction).map(\.text)).filter { !$0.isEmpty }
        var messages = system.isEmpty ? [] : [Message(role: .system, text: system.joined(separator: "\n\n"))]
        messages += earlier.filter { !$0.isInstruction }.map { step.takesMedia ? $0 : $0.withoutMedia }
        let prompt = Message.Part.text(try render(step.prompt, values))
        let shown = step.takesMedia ? media.map(Message.Part.media) : []
        return messages + [Message(role: .user, content: shown + [prompt])]
    }
}

extension Message {
    fileprivate var isInstruction: Bool { role == .system || role == .developer }

    fileprivate var withoutMedia: Message {
        var message = self
        message.content.removeAll { if case .media = $0 { true } else { false } }
        return message
    }
}
