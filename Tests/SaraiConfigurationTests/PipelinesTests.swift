import SaraiCore
import Testing

@testable import SaraiConfiguration

/// An expert, a small model and one for embeddings, and room for more.
let threeModels = """
    models:
      big: {backend: gguf_native, gguf: /b.gguf, role: expert}
      quick: {backend: gguf_native, gguf: /q.gguf, role: small}
      vectors: {backend: gguf_native, gguf: /v.gguf, role: embedding}

    """

/// A pipeline `p` of steps, each a line of YAML in braces.
func pipeline(_ steps: String...) -> String {
    threeModels + "pipelines:\n  p:\n    steps:\n" + steps.map { "      - {\($0)}\n" }.joined()
}

@Suite("Pipelines of the file")
struct PipelinesTests {
    private let answer = #"name: answer, role: expert, prompt: "{{text}}""#

    @Test("every key of a pipeline and its steps")
    func everything() throws {
        let yaml =
            threeModels
                + """
                search: {url: http://127.0.0.1:8888}
                pipelines:
                  all:
                    summary: Everything at once.
                    input: media
                    steps:
                      - name: found
                        search: {en: "about {{text}}", es: "sobre {{text}}"}
                        when: web_query
                        optional: true
                        otherwise: {en: nothing, es: nada}
                        timeout: 20s
                      - name: last
                        model: quick
                        system: "{{date}}"
                        prompt: {en: "{{found}}", es: "{{found}}, {{text}}"}
                        media: true
                        history: false
                        footer: "{{sources}}"
                        max_tokens: 64
                        temperature: 0.5

                """
        let loaded = try loader(yaml).load()
        let all = try #require(loaded.configuration.pipelines.last)
        #expect(loaded.configuration.pipelines.map(\.name) == ["see", "tone", "voice", "search", "all"])
        #expect(loaded.warnings.isEmpty)
        let quick = try #require(ModelName("quick"))
        #expect(
            all
                == PipelineConfiguration(
                    name: "all", summary: "Everything at once.", input: .media,
                    steps: [
                        PipelineStep(
                            name: "found",
                            action: .search(LocalizedText(english: "about {{text}}", spanish: "sobre {{text}}")),
                            condition: .webQuery, isOptional: true,
                            otherwise: LocalizedText(english: "nothing", spanish: "nada"), timeout: .seconds(20)),
                        PipelineStep(
                            name: "last",
                            action: .generate(
                                GenerationStep(
                                    model: .name(quick), system: LocalizedText("{{date}}"),
                                    prompt: LocalizedText(english: "{{found}}", spanish: "{{found}}, {{text}}"),
                                    takesMedia: true, takesHistory: false, footer: LocalizedText("{{sources}}"),
                                    maxTokens: 64, temperature: 0.5)),
                            condition: .always, isOptional: false, otherwise: LocalizedText(""), timeout: nil),
                    ]))
    }

    @Test("history goes to the last step unless the file says otherwise; a step does not stand for media")
    func defaults() throws {
        let yaml = pipeline(#"name: a, model: quick, prompt: "{{text}}""#, #"name: b, role: expert, prompt: "{{a}}""#)
        let steps = try #require(try loader(yaml).load().configuration.pipelines.last).steps
        let asked = steps.compactMap { if case .generate(let step) = $0.action { step } else { nil } }
        #expect(asked.map(\.takesHistory) == [false, true])
        #expect(asked.map(\.takesMedia) == [false, false])
        #expect(steps.allSatisfy { $0.condition == .always && !$0.isOptional && $0.otherwise == LocalizedText("") })
    }

    @Test("steps come before those that use them, and else stay where they are")
    func order() throws {
        let yaml = pipeline(
            #"name: c, role: small, prompt: "{{b}}""#, #"name: a, role: small, prompt: x"#,
            #"name: b, role: small, prompt: "{{a}}""#, #"name: answer, role: expert, prompt: "{{c}}""#)
        #expect(
            try loader(yaml).load().configuration.pipelines.last?.steps.map(\.name) == ["a", "b", "c", "answer"])
    }

    @Test("what uses the text comes after what turns speech into text, what uses sources after what searches")
    func implicitOrder() throws {
        let models = threeModels + "  ears: {backend: gguf_native, gguf: /e.gguf, role: omni}\n"
        let yaml =
            models + "pipelines:\n  p:\n    steps:\n"
            + [
                #"name: sum, role: small, prompt: "{{text}} {{sources}}""#,
                #"name: web, search: "{{text}}", optional: true"#,
                "name: heard, transcribe: true", #"name: answer, role: expert, prompt: "{{sum}}""#,
            ].map { "      - {\($0)}\n" }.joined()
        let loaded = try loader(yaml).load()
        #expect(loaded.configuration.pipelines.last?.steps.map(\.name) == ["heard", "web", "sum", "answer"])
        #expect(loaded.warnings.isEmpty)
    }

    @Test(
        "one of the name of a pipeline that comes with Sarai takes its place; off removes it",
        arguments: ["off", "false", "No"])
    func replacing(off: String) throws {
        let yaml = pipeline(answer).replacing("  p:", with: "  tone:") + "  voice: \(off)\n"
        let pipelines = try loader(yaml).load().configuration.pipelines
        #expect(pipelines.map(\.name) == ["see", "tone", "search"])
        #expect(pipelines[1].steps.map(\.name) == ["answer"])
    }

    @Test("config show says which pipelines there are, and every value of the file's own")
    func origins() throws {
        let yaml =
            threeModels
                + """
                pipelines:
                  voice: off
                  tone:
                    steps:
                      name: answer
                      role: expert
                      prompt: |-
                        Kindly:
                        {{text}}

                """
        let loaded = try loader(yaml).load()
        #expect(
            loaded.origins.filter { $0.keyPath.hasPrefix("pipelines.") }.map {
                "\($0.keyPath)=\($0.value) \($0.origin)"
            } == [
                "pipelines.see=The omni model describes what you show, what you say becomes text, and the expert answers "
                    + "with both. default",
                "pipelines.search=The web is searched, and the expert answers with numbered sources. default",
                "pipelines.voice=off sarai.yaml:6",
                "pipelines.tone.summary=none default",
                "pipelines.tone.input=text default",
                "pipelines.tone.steps[0].name=answer sarai.yaml:9",
                "pipelines.tone.steps[0].role=expert sarai.yaml:10",
                "pipelines.tone.steps[0].prompt='Kindly: {{text}}' sarai.yaml:11",
            ])
    }

    @Test("variables are filled in")
    func variables() throws {
        let yaml = pipeline(#"name: answer, model: "${WHO}", prompt: "In ${WHERE:-Rome}: {{text}}""#)
        let loaded = try loader(yaml, environment: ["WHO": "big"]).load()
        let step = try #require(loaded.configuration.pipelines.last?.steps.last)
        #expect(step.templates == [LocalizedText("In Rome: {{text}}")])
    }

    @Test("steps without effect, and keys, are warned of")
    func warnings() throws {
        let yaml = pipeline(
            #"name: a, role: small, prompt: x, otherwise: y"#,
            #"name: b, role: small, prompt: x, footer: z"#,
            #"name: c, search: "{{text}}", optional: true, prompt: x, media: false"#,
            #"name: answer, role: expert, prompt: "{{b}}{{c}}", timeout: 3s"#)
        #expect(
            try loader(yaml).load().warnings.map(\.description) == [
                "/etc/sarai/sarai.yaml:8:16: pipelines.p.steps[0].name: has no effect: no step uses '{{a}}'. Use it, or remove "
                    + "the step.",
                "/etc/sarai/sarai.yaml:8:54: pipelines.p.steps[0].otherwise: has no effect: the step runs always and is not "
                    + "optional.",
                "/etc/sarai/sarai.yaml:9:51: pipelines.p.steps[1].footer: has no effect: only the last step's result is the "
                    + "answer.",
                "/etc/sarai/sarai.yaml:10:63: pipelines.p.steps[2].prompt: has no effect: the step asks no model.",
                "/etc/sarai/sarai.yaml:10:73: pipelines.p.steps[2].media: has no effect: the step asks no model.",
                "/etc/sarai/sarai.yaml:11:69: pipelines.p.steps[3].timeout: has no effect: the answer may take as long as the "
                    + "request.",
            ])
    }
}
