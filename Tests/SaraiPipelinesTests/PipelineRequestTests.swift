import SaraiCore
import SaraiPool
import Testing

@testable import SaraiConfiguration
@testable import SaraiPipelines

@Suite("What is asked of a pipeline")
struct PipelineRequestTests {
    private static let image = Media(base64OrDataURL: "iVBORw0KGgoAAAANSUhEUgAA")
    private static let sound = Media(base64OrDataURL: "UklGRiQAAABXQVZFZm10IBAA")

    private func take(
        _ messages: [Message], patience: Duration? = nil, _ change: (inout GenerationRequest) -> Void = { _ in }
    ) throws(PoolError) -> PipelineRequest {
        var request = GenerationRequest(prompt: .chat(messages))
        change(&request)
        return try PipelineRequest(
            request, keepAlive: nil, isWhole: false, caller: Caller(name: "ana", patience: patience),
            limit: .seconds(60))
    }

    private func step(
        system: LocalizedText? = nil, prompt: LocalizedText = LocalizedText("{{text}}"), media: Bool = false,
        history: Bool = true, footer: LocalizedText? = nil, maxTokens: Int? = nil, temperature: Double? = nil
    ) -> GenerationStep {
        GenerationStep(
            model: .role(.expert), system: system, prompt: prompt, takesMedia: media, takesHistory: history,
            footer: footer,
            maxTokens: maxTokens, temperature: temperature)
    }

    private func messages(_ request: GenerationRequest) throws -> [Message] {
        guard case .chat(let messages) = request.prompt else {
            throw PoolError(.invalidRequest, "no chat")
        }
        return messages
    }

    // --- What it takes

    @Test("is a conversation in which it is the models' turn")
    func refusals() throws {
        let conversations: [[Message]] = [
            [], [Message(role: .assistant, text: "Hello!")], [Message(role: .system, text: "Be terse.")],
        ]
        for messages in conversations {
            #expect(throws: PoolError.self) { try take(messages) }
        }
        let completion = GenerationRequest(prompt: .completion("Once"))
        #expect(throws: PoolError.self) {
            try PipelineRequest(completion, keepAlive: nil, isWhole: true, caller: Caller(), limit: .seconds(1))
        }
    }

    @Test("must bring what the pipeline works on, in the last message")
    func input() throws {
        let configuration = try TestConfiguration.load(TestConfiguration.four)
        let image = try #require(Self.image), sound = try #require(Self.sound)
        let text = try take([Message(role: .user, text: "Hi")])
        let shown = try take([Message(role: .user, content: [.media(image)])])
        let heard = try take([Message(role: .user, content: [.media(sound), .text("Listen")])])
        let before = try take([Message(role: .user, content: [.media(sound)]), Message(role: .user, text: "And?")])
        for (request, name) in [(text, "see"), (text, "voice"), (shown, "voice"), (before, "see"), (before, "voice")] {
            try refuse(request, name, "sarai:\(name) needs", in: configuration)
        }
        for (request, name) in [(text, "tone"), (shown, "see"), (heard, "see"), (heard, "voice"), (before, "search")] {
            try request.check(for: TestConfiguration.pipeline(name, in: configuration), named: PipelineName(name))
        }
        #expect(shown.lack(for: .audio) == "no sound" && shown.lack(for: .image) == nil)
        #expect(heard.lack(for: .image) == "no image" && heard.lack(for: .audio) == nil)
        #expect(text.lack(for: .webQuery) == nil && text.lack(for: .always) == nil)
    }

    private func refuse(
        _ request: PipelineRequest, _ name: String, _ words: String, in configuration: Configuration
    ) throws {
        let pipeline = try TestConfiguration.pipeline(name, in: configuration)
        let error = #expect(throws: PoolError.self) { try request.check(for: pipeline, named: PipelineName(name)) }
        #expect(error?.code == .invalidRequest && error?.message.contains(words) == true, "\(name): \(words)")
    }

    @Test("brings nothing that no step would see or hear")
    func unused() throws {
        let configuration = try TestConfiguration.load(TestConfiguration.four)
        let image = try #require(Self.image), sound = try #require(Self.sound)
        let shown = try take([Message(role: .user, content: [.media(image), .text("Look")])])
        let heard = try take([Message(role: .user, content: [.media(sound), .text("Listen")])])
        let both = try take([Message(role: .user, content: [.media(sound), .media(image)])])
        let refused: [(PipelineRequest, String, String)] = [
            (shown, "tone", "image"), (shown, "search", "image"), (heard, "tone", "sound"), (heard, "search", "sound"),
            (both, "tone", "sound"), (both, "voice", "image"),
        ]
        for (request, name, kind) in refused {
            try refuse(request, name, "sarai:\(name) takes no \(kind)", in: configuration)
        }
        try both.check(for: TestConfiguration.pipeline("see", in: configuration), named: PipelineName("see"))
        try both.check(for: .alone(.role(.omni), takesMedia: true), named: PipelineName("auto"))
        // A step that sees does not help where it does not run.
        var see = try TestConfiguration.pipeline("see", in: configuration)
        see.steps.removeAll { $0.name == "heard" }
        #expect(throws: PoolError.self) { try heard.check(for: see, named: PipelineName("see")) }
    }

    @Test("is answered by the last model alone where it goes on with what came earlier")
    func followUps() throws {
        let configuration = try TestConfiguration.load(TestConfiguration.four)
        func followUp(_ name: String, _ messages: Message...) throws -> String? {
            try take(messages).followUp(on: TestConfiguration.pipeline(name, in: configuration))
        }
        let image = Message(role: .user, content: [.media(try #require(Self.image))])
        let sound = Message(role: .user, content: [.media(try #require(Self.sound))])
        let answer = Message(role: .assistant, text: "Nice."), text = Message(role: .user, text: "And?")
        #expect(try followUp("see", image, answer, text)?.contains("came earlier") == true)
        #expect(try followUp("see", sound, answer, text)?.contains("came earlier") == true)
        #expect(try followUp("voice", sound, answer, text)?.contains("came earlier") == true)
        #expect(try followUp("see", image, answer, sound) == nil, "there is something new")
        #expect(try followUp("voice", image, answer, text) == nil, "nothing was heard yet")
        #expect(try followUp("see", text) == nil)
        #expect(try followUp("tone", image, answer, text) == nil)
        let result = Message(role: .tool, text: "21")
        for name in ["tone", "search", "see", "voice"] {
            #expect(try followUp(name, text, answer, result)?.contains("a tool has answered") == true)
        }
    }

    @Test("gives a tool's result to the model as it stands, and is still about the person's question")
    func toolResults() throws {
        let image = try #require(Self.image)
        let call = ToolCall(id: "c1", name: "weather", arguments: #"{"city":"Lima"}"#)
        let talk = [
            Message(role: .system, text: "Be terse."),
            Message(role: .user, content: [.media(image), .text("¿Qué tiempo hace aquí?")]),
            Message(role: .assistant, content: [], toolCalls: [call]),
            Message(role: .tool, content: [.text("21")], toolCallID: "c1"),
        ]
        let request = try take(talk) { $0.tools = [.object(["type": .string("function")])] }
        #expect(request.text == "¿Qué tiempo hace aquí?" && request.language == .spanish)
        #expect(request.sense == "see" && request.media.isEmpty)
        let asked = try request.answering(step(), PipelineValues(request))
        #expect(asked.tools.count == 1)
        #expect(try messages(asked).map(\.role) == [.system, .user, .assistant, .tool])
        #expect(try messages(asked)[2...] == talk[2...])
        #expect(asked.media.isEmpty)
        #expect(try request.answering(step(media: true), PipelineValues(request)).media == [image])
    }

    @Test("is in the language of the last message, or else of the one before")
    func language() throws {
        func language(_ texts: String...) throws -> Language {
            try take(texts.map { Message(role: .user, text: $0) }).language
        }
        #expect(try language("¿Qué tal?") == .spanish)
        #expect(try language("¿Qué tal?", "How are you?") == .english)
        #expect(try language("¿Qué tal?", "42") == .spanish)
        #expect(try language("42") == .english)
    }

    @Test("has the time that its client gives, over all steps, and is finished also by a daemon that ends")
    func remaining() throws {
        let hurried = try take([Message(role: .user, text: "Hi")], patience: .seconds(5)).remaining
        let patient = try take([Message(role: .user, text: "Hi")], patience: .seconds(500)).remaining
        #expect(hurried.name == "ana" && hurried.isUnderWay)
        #expect(try #require(hurried.patience) <= .seconds(5))
        #expect(try #require(patient.patience) <= .seconds(60), "the configuration allows no more")
        #expect(try #require(patient.patience) > .seconds(5))
        let late = try take([Message(role: .user, text: "Hi")], patience: .zero).remaining
        #expect(try #require(late.patience) > .zero)
    }

    // --- What models get

    private static let talk = [
        Message(role: .system, text: "Be terse."), Message(role: .user, text: "Hi"),
        Message(role: .assistant, text: "Hello."),
        Message(role: .developer, text: "Use metric units."), Message(role: .user, text: "How tall is K2?"),
    ]

    @Test("is one system message, the conversation, and the prompt")
    func history() throws {
        let request = try take(Self.talk)
        let values = PipelineValues(request)
        let system = LocalizedText(english: "You climb.", spanish: "Escalas.")
        let asked = try messages(request.answering(step(system: system, prompt: LocalizedText("So: {{text}}")), values))
        #expect(asked.map(\.role) == [.system, .user, .assistant, .user])
        #expect(
            asked.map(\.text) == [
                "You climb.\n\nBe terse.\n\nUse metric units.", "Hi", "Hello.", "So: How tall is K2?",
            ])

        let alone = try messages(request.asking(step(history: false), values))
        #expect(alone.map(\.text) == ["How tall is K2?"], "a step that takes no history gets none of it")
        let empty = try messages(request.asking(step(system: LocalizedText("{{nothing}}"), history: false), values))
        #expect(empty.map(\.role) == [.user], "an empty instruction is none")
    }

    @Test("has pictures and sounds only where a step takes them")
    func media() throws {
        let image = try #require(Self.image), sound = try #require(Self.sound)
        let request = try take([
            Message(role: .user, content: [.text("Look."), .media(image)]), Message(role: .assistant, text: "Nice."),
            Message(role: .user, content: [.media(sound), .text("And this?")]),
        ])
        let values = PipelineValues(request)
        let blind = try request.answering(step(), values)
        #expect(blind.media.isEmpty)
        #expect(try messages(blind).map(\.text) == ["Look.", "Nice.", "And this?"])
        #expect(try request.answering(step(media: true), values).media == [image, sound])
        #expect(try request.asking(step(media: true, history: false), values).media == [sound])
    }

    @Test("is sampled as the client says in the last step only")
    func sampling() throws {
        let request = try take([Message(role: .user, text: "Hi")]) { request in
            request.sampling.maxTokens = 7
            request.sampling.seed = 3
            request.format = .json
        }
        let values = PipelineValues(request)
        let limited = step(maxTokens: 50, temperature: 0.2)
        let answer = try request.answering(limited, values)
        #expect(answer.sampling.maxTokens == 7 && answer.sampling.seed == 3 && answer.format == .json)
        #expect(answer.sampling.temperature == 0.2, "where the client says nothing, the step does")
        let inner = try request.asking(limited, values)
        #expect(inner.sampling.maxTokens == 50 && inner.sampling.seed == nil && inner.format == nil)
    }

    @Test("ends with what stands below answers, unless a program reads them")
    func footer() throws {
        let template = LocalizedText("{{#sources}}\nSee {{sources}}{{/sources}}")
        let plain = try take([Message(role: .user, text: "Hi")])
        var values = PipelineValues(plain)
        #expect(try plain.footer(of: step(footer: template), values) == nil, "there are no sources")
        #expect(try plain.footer(of: step(), values) == nil)
        let search = PipelineStep(
            name: "facts", action: .search(LocalizedText("{{text}}")), condition: .always, isOptional: true,
            otherwise: LocalizedText(""), timeout: nil)
        let report = StepReport(name: "facts", outcome: .done)
        values.add(StepResult(step: search, report: report, text: "[1] K2", sources: "[1] K2 — https://k2.example"))
        #expect(
            try plain.footer(of: step(footer: template), values)?.hasSuffix("See [1] K2 — https://k2.example") == true)
        let typed = try take([Message(role: .user, text: "Hi")]) { $0.format = .json }
        #expect(try typed.footer(of: step(footer: template), values) == nil)
    }

    // --- What templates see

    @Test("is filled in as it is, and never read as a template again")
    func rendering() throws {
        let tricky = "{{date}} & \"<b>\" {{#text}}x{{/text}} ñ"
        let request = try take([Message(role: .user, text: tricky)])
        let values = PipelineValues(request)
        #expect(try request.render(LocalizedText("«{{text}}»"), values) == "«\(tricky)»")
        let date = try request.render(LocalizedText("{{date}}"), values)
        #expect(date.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil, "\(date)")
    }

    @Test("grows with each step: what was heard is part of the text")
    func values() throws {
        func result(_ name: String, _ action: PipelineStep.Action, _ outcome: StepReport.Outcome, _ text: String)
            -> StepResult
        {
            let step = PipelineStep(
                name: name, action: action, condition: .always, isOptional: true, otherwise: LocalizedText(""),
                timeout: nil)
            return StepResult(step: step, report: StepReport(name: name, outcome: outcome), text: text)
        }
        var spoken = PipelineValues(try take([Message(role: .user, text: "")]))
        spoken.add(result("heard", .transcribe, .done, "What time is it?"))
        #expect(spoken.text == "What time is it?")
        #expect(spoken.values["heard"] == "What time is it?")

        var both = PipelineValues(try take([Message(role: .user, text: "Translate this.")]))
        #expect(!both.names.contains("heard"))
        both.add(result("heard", .transcribe, .done, "Guten Tag"))
        #expect(both.text == "Translate this.\n\nGuten Tag")
        #expect(both.names.isSuperset(of: ["heard", "text", "date", "sources"]))

        var deaf = PipelineValues(try take([Message(role: .user, text: "Hm?")]))
        deaf.add(result("heard", .transcribe, .failed, "(nothing was heard)"))
        deaf.add(result("tone", .generate(step()), .done, "warm"))
        #expect(deaf.text == "Hm?", "what stands in for a failed step is not what was said")
        #expect(deaf.values["heard"] == "(nothing was heard)" && deaf.values["tone"] == "warm")
    }
}
