import ArgumentParser
import Foundation
import SaraiCore

/// `sarai run`: one question, one answer.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Ask a model once; the answer is printed as it comes.",
        discussion: "Without PROMPT, or when it is '-', the prompt is read from stdin.")

    @Argument(help: "The model, by its name in the configuration.")
    var model: String

    @Argument(help: "What to ask.")
    var prompt: String?

    @Option(help: ArgumentHelp("Show the model a picture; may be repeated.", valueName: "file"))
    var image: [String] = []

    @Option(help: ArgumentHelp("Play the model a sound; may be repeated.", valueName: "file"))
    var audio: [String] = []

    @OptionGroup var generation: GenerationOptions

    @Flag(help: "Print one JSON object with the answer, who gave it, tokens and times.")
    var json = false

    @Flag(name: .shortAndLong, help: "Tell on stderr who answered, tokens and times.")
    var verbose = false

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard prompt != nil || !Console.isTerminal(.input) else {
            throw ValidationError("Give a prompt, or pipe one in. For a conversation: sarai chat \(model)")
        }
    }

    func run() async throws {
        let media =
            try image.map { try MediaFile.read($0, isAudio: false) }
            + audio.map { try MediaFile.read($0, isAudio: true) }
        let message = Message(role: .user, content: media.map(Message.Part.media) + [.text(try promptText())])
        let request = generation.request(generation.systemMessages + [message])
        try await DaemonClient.connect(to: client.address()) { client in
            let printer = AnswerPrinter(isSilent: json)
            defer { printer.finish() }
            let answer = try await client.generate(request, model: model, onEvent: printer.print)
            printer.finish()
            if json {
                try OutputOptions.showJSON(AnswerReport(answer, model: model))
            }
            if verbose {
                Console.note(answer.summary(TextStyle(for: .error)))
            }
        }
    }

    private func promptText() throws -> String {
        if let prompt, prompt != "-" {
            return prompt
        }
        let text = try Console.readInput().trimmingCharacters(in: .newlines)
        guard !text.isEmpty || !image.isEmpty || !audio.isEmpty else {
            throw CommandFailure(.usage, "there is no prompt: stdin is empty.")
        }
        return text
    }
}

/// Reads pictures and sounds for a request.
private enum MediaFile {
    static func read(_ path: String, isAudio: Bool) throws -> Media {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be read. Is it there, and may you read it?")
        }
        guard let media = Media(file: Array(bytes)), media.format.isAudio == isAudio else {
            let formats = Media.Format.allCases.filter { $0.isAudio == isAudio }.map(\.rawValue)
            throw CommandFailure(.failed, "\(path) is in none of these formats: \(formats.joined(separator: ", ")).")
        }
        return media
    }
}
