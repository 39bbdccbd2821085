import ArgumentParser
import Foundation
import SaraiCore
import SaraiPool

/// `sarai chat`: a conversation.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with a model, line by line.",
        discussion: "Each line is a turn; the model sees the whole conversation. /bye or Ctrl-D ends it.")

    @Argument(help: "The model, by its name in the configuration, or a pipeline: sarai:auto.", completion: .answerer)
    var model: String

    @OptionGroup var generation: GenerationOptions

    @Flag(name: .shortAndLong, help: "Tell on stderr who answered, tokens and times.")
    var verbose = false

    @OptionGroup var client: ClientOptions

    private static let help = """
        Each line is a turn of the conversation.
          /clear  forget the conversation
          /help   show this
          /bye    end, as Ctrl-D does
        """

    func run() async throws {
        let isInteractive = Console.isTerminal(.input)
        try await DaemonClient.connect(to: client.address()) { client in
            // Better to hear now than after the first question that there is no daemon or no such model.
            let known = try await client.answerers()
            let name = ModelName(model)?.rawValue ?? model
            guard known.contains(name) else {
                let suggestion = Suggestion.sentence(for: name, among: known)
                throw CommandFailure(
                    .failed,
                    "no model '\(name)'.\(suggestion) The daemon has: \(known.joined(separator: ", ")).")
            }
            if isInteractive {
                Console.note("Talking with \(name). /help for help, /bye or Ctrl-D to end.")
            }
            try await converse(with: client, isInteractive: isInteractive)
        }
    }

    private func converse(with client: DaemonClient, isInteractive: Bool) async throws {
        var messages = generation.systemMessages
        while let line = nextLine(isInteractive) {
            switch line {
            case "": continue
            case "/bye": return
            case "/help": Console.note(Self.help)
            case "/clear": messages = generation.systemMessages
            case _ where line.hasPrefix("/"):
                Console.note("There is no command \(line.prefix { $0 != " " }). /help lists them.")
            default:
                messages.append(Message(role: .user, text: line))
                do {
                    messages.append(Message(role: .assistant, text: try await answer(messages, from: client)))
                } catch let failure as CommandFailure where isInteractive {
                    // The person may try again; the turn that failed is not part of the conversation.
                    messages.removeLast()
                    Console.note("Error: \(failure.message ?? "the answer failed")")
                }
            }
        }
        if isInteractive {
            Console.note("")
        }
    }

    private func nextLine(_ isInteractive: Bool) -> String? {
        if isInteractive {
            Console.prompt(TextStyle(for: .error)(">>> ", .strong))
        }
        return readLine().map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private func answer(_ messages: [Message], from client: DaemonClient) async throws -> String {
        let printer = AnswerPrinter()
        defer { printer.finish() }
        let answer = try await client.generate(
            generation.request(messages), model: model, asksWho: verbose, onEvent: printer.print)
        printer.finish()
        if verbose {
            Console.note(answer.summary(TextStyle(for: .error)))
        }
        return answer.text
    }
}
