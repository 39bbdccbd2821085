import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Problems of pipelines")
struct PipelineProblemTests {
    /// What is wrong with a pipeline of steps before one that answers and uses them; without the file and the path.
    private func problemsOfStep(_ steps: String...) -> [String] {
        let answer = #"name: answer, role: expert, prompt: "{{text}}{{a}}""#
        let yaml =
            threeModels + "pipelines:\n  p:\n    steps:\n" + (steps + [answer]).map { "      - {\($0)}\n" }.joined()
        return problems(yaml).map {
            $0.replacing("/etc/sarai/sarai.yaml:", with: "").replacing("pipelines.p.", with: "")
        }
    }

    @Test("unknown keys, with the nearest one or the place where they belong")
    func unknownKeys() {
        let yaml =
            threeModels
                + """
                pipelines:
                  p:
                    sumary: x
                    model: big
                    steps:
                      - {name: answer, role: expert, promt: x, prompt: {en: x, es: y, fr: z}, input: text}

                """
        #expect(
            problems(yaml) == [
                "/etc/sarai/sarai.yaml:7:5: pipelines.p.sumary: unknown key. Did you mean 'summary'?",
                "/etc/sarai/sarai.yaml:8:5: pipelines.p.model: unknown key here. It is a key of a step.",
                "/etc/sarai/sarai.yaml:10:38: pipelines.p.steps[0].promt: unknown key. Did you mean 'prompt'?",
                "/etc/sarai/sarai.yaml:10:71: pipelines.p.steps[0].prompt.fr: unknown key.",
                "/etc/sarai/sarai.yaml:10:79: pipelines.p.steps[0].input: unknown key here. It is a key of the pipeline itself.",
            ])
    }

    @Test("a step does one thing")
    func action() {
        #expect(
            problemsOfStep("name: a") == [
                "8:9: steps[0]: the step has nothing to do. Write one of 'model: NAME', 'role: ROLE', 'search: TEMPLATE' and "
                    + "'transcribe: true'."
            ])
        #expect(problemsOfStep("name: a, transcribe: false").map { $0.hasSuffix("'transcribe: true'.") } == [true])
        #expect(
            problemsOfStep("name: a, model: big, role: small, prompt: x") == [
                "8:37: steps[0].role: cannot stand beside 'model': a step does one thing. Remove one of the two, or make two "
                    + "steps."
            ])
        #expect(
            problemsOfStep("name: a, role: small") == [
                "8:25: steps[0].prompt: the key is missing. A step that asks a model needs a prompt, such as '{{text}}' in "
                    + "quotes."
            ])
    }

    @Test(
        "values of steps",
        arguments: [
            ("name: text", "invalid_value"), ("name: sources", "invalid_value"), ("name: a-b", "invalid_value"),
            ("name: ñ", "invalid_value"), ("name: ''", "invalid_value"), ("role: boss, prompt: x", "invalid_value"),
            ("model: ' ', prompt: x", "invalid_value"), ("search: []", "wrong_type"),
            ("search: {en: x}", "missing_key"),
            ("search: ''", "invalid_value"), ("search: no", "wrong_type"), ("when: never", "invalid_value"),
            ("optional: perhaps", "wrong_type"), ("timeout: 0", "out_of_range"), ("transcribe: please", "wrong_type"),
            (#"search: "\0""#, "invalid_value"),
            ("role: small, prompt: x, max_tokens: 0", "out_of_range"),
            ("role: small, prompt: x, temperature: 2.1", "out_of_range"),
            ("role: small, prompt: x, temperature: hot", "wrong_type"),
            ("role: small, prompt: x, media: all", "wrong_type"), ("role: small, prompt: ~", "wrong_type"),
            ("role: small, prompt: x, history: some", "wrong_type"),
        ])
    func values(keys: String, code: String) {
        let name = keys.hasPrefix("name") ? "" : "name: a, "
        let does = keys.contains(/search|role|model|transcribe/) ? "" : #", search: "{{text}}""#
        let yaml =
            threeModels + "search: {url: http://h}\npipelines:\n  p:\n    steps:\n      - {\(name)\(keys)\(does)}\n"
            + #"      - {name: answer, role: expert, prompt: "{{text}}"}"# + "\n"
        #expect(codes(yaml) == [code])
    }

    @Test(
        "values of a pipeline",
        arguments: [
            ("pipelines: [a]", "wrong_type"), ("pipelines: {p: 3}", "wrong_type missing_key"),
            ("pipelines: {p: on}", "wrong_type missing_key"), ("pipelines: {p: {}}", "missing_key"),
            ("pipelines: {p: {steps: []}}", "invalid_value"), ("pipelines: {p: {steps: [a]}}", "wrong_type"),
            ("pipelines: {p: {steps: }}", "wrong_type"), ("pipelines: {auto: {steps: []}}", "invalid_value"),
            ("pipelines: {latest: {steps: []}}", "invalid_value"), ("pipelines: {'a:b': {steps: []}}", "invalid_value"),
            ("pipelines: {'a/b': {steps: []}}", "invalid_value"), ("pipelines: {'a b': {steps: []}}", "invalid_value"),
            ("pipelines: {p: off}", "unknown_key"),
            ("pipelines: {p: {summary: yes, steps: []}}", "wrong_type invalid_value"),
            ("pipelines: {p: {input: video, steps: []}}", "invalid_value invalid_value"),
        ])
    func pipelines(line: String, expected: String) {
        #expect(codes(threeModels + line + "\n").joined(separator: " ") == expected)
    }

    @Test("turning off what is not there has the nearest name, and a bare tag the advice to quote it")
    func advice() {
        #expect(
            problems(threeModels + "pipelines: {vioce: off}\n") == [
                "/etc/sarai/sarai.yaml:5:13: pipelines.vioce: there is no pipeline of this name to turn off. Did you mean "
                    + "'voice'?"
            ])
        #expect(
            problems(pipeline("name: answer, role: expert, prompt: {{text}}")).map { $0.hasSuffix("put it in quotes.") }
                == [true])
    }

    @Test("a model's name must not look like a pipeline's")
    func reservedModelName() {
        #expect(
            problems(localModel.replacing("  m:", with: "  sarai:m:")) == [
                "/etc/sarai/sarai.yaml:2:3: models.sarai:m: names that begin with 'sarai:' are those of pipelines. Choose "
                    + "another one."
            ])
    }

    @Test(
        "malformed templates say what is wrong and where",
        arguments: [
            ("{{#a}}x", "a section is not closed. Each '{{#name}}' and '{{^name}}' ends with '{{/name}}'."),
            (
                "{{#a}}{{/b}}",
                "in line 1 of the text a section is closed that is not the one that is open. Each '{{#name}}' and '{{^name}}' "
                    + "ends with its own '{{/name}}'."
            ),
            (
                "{{a",
                "in line 1 of the text a tag is malformed. Write '{{name}}', '{{#name}}…{{/name}}' or '{{^name}}…{{/name}}'."
            ),
            (
                #"x\n{{a b}}"#,
                "in line 2 of the text a tag is malformed. Write '{{name}}', '{{#name}}…{{/name}}' or '{{^name}}…{{/name}}'."
            ),
        ])
    func malformed(template: String, message: String) {
        #expect(
            problemsOfStep(#"name: a, role: small, prompt: {en: x, es: "\#(template)"}"#) == [
                "8:52: steps[0].prompt.es: the template is malformed: \(message)"
            ])
    }

    @Test(
        "names that nobody gives a value are refused, in either language",
        arguments: [
            ("{{txt}}", "txt", " Did you mean 'text'?"), ("{{#b}}{{/b}}", "b", ""),
            ("{{uppercased(text)}}", "uppercased(text)", ""),
            ("{{> x}}", "> x", ""), ("{{& web }}", "web", ""), ("{{=< >=}}", "=< >=", ""),
        ])
    func unknownNames(template: String, name: String, suggestion: String) {
        #expect(
            problemsOfStep(#"name: a, role: small, prompt: {en: "{{text}}", es: "\#(template)"}"#) == [
                "8:40: steps[0].prompt: '{{\(name)}}' is neither a step of this pipeline nor one of date, sources, text."
                    + suggestion
            ])
    }

    @Test("comments and unescaped values are fine")
    func otherTags() {
        #expect(problemsOfStep(#"name: a, role: small, prompt: "{{! why {}}{{{text}}}{{&date}}""#).isEmpty)
    }

    @Test("steps that need each other are named")
    func cycles() {
        #expect(
            problemsOfStep(
                #"name: z, role: small, prompt: "{{a}}""#, #"name: a, role: small, prompt: "{{c}}{{text}}""#,
                #"name: b, role: small, system: "{{a}}", prompt: x"#, #"name: c, role: small, prompt: "{{#b}}{{/b}}""#)
                == [
                    "9:9: steps[1]: the steps need each other's results: a needs c needs b needs a. Let one do without the other."
                ])
        #expect(
            problemsOfStep(#"name: a, role: small, prompt: "{{a}}""#) == [
                "8:9: steps[0]: the steps need each other's results: a needs a. Let one do without the other."
            ])
    }

    @Test("names are unique")
    func duplicates() {
        #expect(
            problemsOfStep("name: a, role: small, prompt: x", "name: a, role: small, prompt: y") == [
                "9:16: steps[1].name: there is a step 'a' already in line 8. Choose another name."
            ])
    }

    @Test("the last step answers")
    func last() {
        #expect(
            problemsOfStep(#"name: a, role: small, prompt: "{{answer}}""#) == [
                "8:9: steps[0]: uses '{{answer}}', but that is the last step, which answers. Let another one answer."
            ])
        let prefix = "/etc/sarai/sarai.yaml:8:"
        #expect(
            problems(pipeline(#"name: a, search: "{{text}}", optional: true, when: image"#)) == [
                prefix
                    + "27: pipelines.p.steps[0].search: the last step answers, so it must ask a model. Add a step with "
                    + "'model' or 'role' and a 'prompt'.",
                prefix
                    + "49: pipelines.p.steps[0].optional: the last step answers, so it cannot be optional. Remove the key.",
                prefix + "61: pipelines.p.steps[0].when: the last step answers, so it runs always. Remove the key.",
            ])
    }

    @Test(
        "models that are not there or write nothing, also of optional steps",
        arguments: [
            ("model: bigg, prompt: x", "model: there is no model 'bigg'. Did you mean 'big'?"),
            (
                "role: omni, prompt: x, optional: true",
                "role: no model has this role. Give one 'role: omni', or name a model."
            ),
            (
                "model: vectors, prompt: x",
                "model: model 'vectors' has the role embedding and writes no text. Choose another one."
            ),
            (
                "role: embedding, prompt: x",
                "role: model 'vectors' has the role embedding and writes no text. Choose another one."
            ),
            ("transcribe: true, optional: true", "transcribe: \(Configuration.noTranscriber)."),
            (
                "search: x",
                "search: searching is off, so the step can only fail. Set search.url, or write 'optional: true'."
            ),
        ])
    func models(keys: String, message: String) throws {
        let found = problemsOfStep("name: a, \(keys)")
        #expect(found.count == 1)
        #expect(try #require(found.first).hasSuffix("steps[0].\(message)"))
    }

    @Test("a model that cannot be read does not make its pipelines wrong")
    func noEchoes() {
        let yaml = pipeline(#"name: answer, model: big, prompt: "{{text}}""#)
        #expect(codes(yaml.replacing("/b.gguf", with: "[]")) == ["wrong_type"])
    }
}
