import ArgumentParser
import Foundation
import SaraiCore

/// `sarai run`: one question, one answer.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask a model once; the answer is printed as it comes.",
        discussion: """
            The prompt is read from stdin where PROMPT is '-', and where there is neither a PROMPT nor a picture, sound or video.
            """)

    @Argument(help: "The model, by its name in the configuration, or a pipeline: sarai:auto.", completion: .answerer)
    var model: String

    @Argument(help: "What to ask.")
    var prompt: String?

    @OptionGroup var media: MediaOptions
    @OptionGroup var generation: GenerationOptions

    @Flag(help: "Print one JSON object with the answer, who gave it, tokens and times.")
    var json = false

    @Flag(name: .shortAndLong, help: "Tell on stderr who answered, tokens and times.")
    var verbose = false

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard prompt != nil || !media.isEmpty || !Console.isTerminal(.input) else {
            throw ValidationError("Give a prompt, or pipe one in. For a conversation: sarai chat \(model)")
        }
    }

    func run() async throws {
        let request = generation.request(generation.systemMessages + [try media.message(prompt: prompt)])
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
                Console.note(answer.summary(TextStyle(for: .error)))
            }
        }
    }
}
