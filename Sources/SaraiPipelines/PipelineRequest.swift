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
    /// The person's, or what a tool has answered.
    private let last: Message
    /// What the person said last.
    private let question: Message

    /// Takes a request apart.
    ///
    /// - Throws: ``SaraiCore/PoolError`` if it is not a conversation in which it is the models' turn.
    init(
        _ request: GenerationRequest, keepAlive: KeepAlive?, isWhole: Bool, caller: Caller, limit: Duration
    ) throws(PoolError) {
        guard case .chat(let messages) = request.prompt, let last = messages.last,
            last.role == .user || last.role == .tool
        else {
            throw PoolError(
                .unsupported,
                "a pipeline answers a conversation whose last message is the user's or a tool's result: not text to be "
                    + "completed")
        }
        self.request = request
        self.keepAlive = keepAlive
        self.isWhole = isWhole
        self.caller = caller
        self.last = last
        history = messages.dropLast()
        deadline = .now + min(caller.patience ?? limit, limit)
        let questions = messages.filter { $0.role == .user }
        question = questions.last ?? Message(role: .user, text: "")
        let earlier = questions.dropLast().last.map { Language(of: $0.text) }
        language = Language(of: question.text, else: earlier ?? .english)
    }

    /// What the person wrote.
    var text: String { question.text }

    /// What the last message shows or lets hear.
    var media: [Media] { last.media }

    /// The pipeline for what the person shows or lets hear; what is to be seen may be explained by a sound beside it.
    var sense: String? {
        let media = question.media
        return media.isEmpty ? nil : media.contains { $0.kind != .audio } ? "see" : "voice"
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

    /// Whether there are images or sounds that a step is shown.
    func hasMedia(for step: GenerationStep) -> Bool {
        step.takesMedia && !(media.isEmpty && (!step.takesHistory || history.allSatisfy(\.media.isEmpty)))
    }

    /// Why the model of a pipeline's last step goes on with the conversation alone; `nil` where all steps are to run.
    ///
    /// What it made of the question would be made of a tool's result, or of a remark on an earlier picture, once more.
    func followUp(on pipeline: PipelineConfiguration) -> String? {
        if last.role == .tool {
            return "a tool has answered, so the model of the last step goes on alone"
        }
        let before = history.filter { $0.role == .user }.flatMap(\.media)
        guard pipeline.input.lack(in: media) != nil, pipeline.input.lack(in: before) == nil else {
            return nil
        }
        return "what the pipeline works on came earlier, so the model of the last step goes on alone"
    }

    /// Refuses what the pipeline cannot work on, and what none of its steps would take notice of.
    ///
    /// - Parameters:
    ///   - pipeline: what is to run.
    ///   - name: as which the client asked for it.
    /// - Throws: ``SaraiCore/PoolError``.
    func check(for pipeline: PipelineConfiguration, named name: PipelineName) throws(PoolError) {
        let full = PipelineName.prefix + name.rawValue
        if let lack = pipeline.input.lack(in: media) {
            throw PoolError(.invalidRequest, "\(full) needs \(lack) in the last message")
        }
        for kind in media.map(\.kind) {
            guard pipeline.steps.contains(where: { lack(for: $0.condition) == nil && $0.takes(kind) }) else {
                let what = kind == .audio ? "sound" : kind.rawValue
                throw PoolError(
                    .invalidRequest,
                    "\(full) takes no \(what): none of its steps would take notice of the one in the last message. "
                        + "Leave it out, or ask \(PipelineName.prefix)\(PipelineName.auto)")
            }
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
        guard last.role == .user else {
            return messages + [last]
        }
        let prompt = Message.Part.text(try render(step.prompt, values))
        let shown = step.takesMedia ? media.map(Message.Part.media) : []
        return messages + [Message(role: .user, content: shown + [prompt])]
    }
}

extension PipelineConfiguration.Input {
    /// What a message lacks of it; `nil` for nothing.
    fileprivate func lack(in media: [Media]) -> String? {
        switch self {
        case .text: nil
        case .audio: media.contains { $0.kind == .audio } ? nil : "a sound (\(Media.Kind.audio.formats))"
        case .media: media.isEmpty ? "an image, a video or a sound" : nil
        }
    }
}

extension PipelineStep {
    /// Whether it is shown, or made to hear, what is of a kind.
    fileprivate func takes(_ kind: Media.Kind) -> Bool {
        switch action {
        case .generate(let step): step.takesMedia
        case .transcribe: kind == .audio
        case .search: false
        }
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
