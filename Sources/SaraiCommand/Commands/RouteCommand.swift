import ArgumentParser
import Foundation
import SaraiCore
import SaraiPipelines

/// `sarai route`: what the router makes of a text.
struct RouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Show what a request needs, as the router sees it, and who would answer it.",
        discussion: """
            With --file, each line of the file is a text of its own; '-' is stdin. With --json, each text gets a line.
            """)

    @Argument(help: "The text of the request.")
    var text: String?

    @Option(help: ArgumentHelp("Read one text per line from here.", valueName: "path"))
    var file: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard (text == nil) != (file == nil) else {
            throw ValidationError("Give a text, or --file with one text per line.")
        }
    }

    func run() async throws {
        let texts = try file.map(Self.lines) ?? [text ?? ""]
        try await DaemonClient.connect(to: client.address()) { client in
            for text in texts {
                let answer = try await client.route(text)
                if output.format == .json, file != nil {
                    try OutputOptions.showJSONLine(answer)
                } else {
                    try output.show(RouteReport(text: texts.count > 1 ? text : nil, answer: answer))
                }
            }
        }
    }

    private static func lines(of path: String) throws -> [String] {
        let text: String
        if path == "-" {
            text = try Console.readInput()
        } else {
            guard let content = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandFailure(.failed, "\(path) cannot be read as UTF-8 text. Is it there, and may you read it?")
            }
            text = content
        }
        // An empty line is a text too: each line of the file has its line of the result.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
        return lines.last == "" ? lines.dropLast() : lines
    }
}

/// What the router makes of one text.
private struct RouteReport: CommandResult {
    let text: String?
    let answer: RouteAnswer

    var json: RouteAnswer { answer }

    var quietLines: [String] { [answer.pipeline] }

    func text(_ style: TextStyle) -> String {
        let head = text.map { style($0, .strong) + "\n" } ?? ""
        let time = "\(answer.milliseconds.formatted(decimals: 1)) ms"
        guard let hard = answer.hard, let soft = answer.soft, let web = answer.webQuery, let alpha = answer.alpha,
            let beta = answer.beta
        else {
            return head + "\(style(answer.pipeline, .strong)): \(answer.reason) (\(time))\n"
        }
        func shown(_ value: Double) -> String { value.formatted(decimals: 2) }
        return head
            + "\(style(answer.pipeline, .strong)): \(answer.reason) (\(time))\n"
            + "  hard \(shown(hard))  soft \(shown(soft))  web_query \(shown(web))  "
            + "α \(shown(alpha))  β \(shown(beta))\(answer.abstained ? "  abstained" : "")\n"
    }
}
