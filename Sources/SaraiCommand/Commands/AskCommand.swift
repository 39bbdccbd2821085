import ArgumentParser
import SaraiCore

/// `sarai ask`: one question, answered by whoever suits it.
struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask, and let the router choose the model or the pipeline that answers.",
        discussion: """
            A picture or a sound goes to the models that see and hear; for a text, the router decides. The text is read from stdin \
            where TEXT is '-', and where there is neither a TEXT nor a picture, sound or video.
            """)

    @Argument(help: "What to ask.")
    var text: String?

    @Option(help: ArgumentHelp("The pipeline: see, tone, voice, search, auto, or your own.", valueName: "name"))
    var pipeline = "auto"

    @OptionGroup var media: MediaOptions
    @OptionGroup var generation: GenerationOptions

    @Flag(help: "Print one JSON object with the answer, the steps, who gave it, tokens and times.")
    var json = false

    @Flag(name: .shortAndLong, help: "Tell on stderr what each step did, and tokens and times.")
    var verbose = false

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard text != nil || !media.isEmpty || !Console.isTerminal(.input) else {
            throw ValidationError("Give a text, a picture or a sound, or pipe a text in.")
        }
    }

    func run() async throws {
        let request = generation.request(generation.systemMessages + [try media.message(prompt: text)])
        let model = "sarai:" + pipeline
        try await DaemonClient.connect(to: client.address()) { client in
            let printer = AnswerPrinter(isSilent: json)
            defer { printer.finish() }
            let answer = try await client.generate(
                request, model: model, asksWho: json || verbose, onEvent: printer.print)
            printer.finish()
            if json {
                try OutputOptions.showJSON(AnswerReport(answer, model: model))
            }
            if verbose {
                let style = TextStyle(for: .error)
                Console.note(answer.stepLines(style) + answer.summary(style))
            } else if !json, let failure = answer.completion.pipeline?.steps.first(where: { $0.outcome == .failed }) {
                Console.note(
                    "The answer was made without the step '\(failure.name)': \(Console.presentable(failure.reason ?? "it failed"))"
                )
            }
        }
    }
}

extension Answer {
    /// What each step of the pipeline did, a line each.
    fileprivate func stepLines(_ style: TextStyle) -> String {
        guard let pipeline = completion.pipeline else {
            return ""
        }
        let head = pipeline.name + (pipeline.choice.map { " (\($0))" } ?? "")
        let lines = pipeline.steps.map { step in
            let what = step.outcome == .done ? step.by ?? "done" : "\(step.outcome.rawValue): \(step.reason ?? "")"
            return "  \(step.name): \(Console.presentable(what)), \(Duration.seconds(step.seconds).text)"
        }
        return style(([head] + lines).joined(separator: "\n"), .faint) + "\n"
    }
}
