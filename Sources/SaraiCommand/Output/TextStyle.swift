import Foundation

/// Colours, where they are wanted: on a terminal, unless `NO_COLOR` is set.
struct TextStyle {
    /// What a text is, rather than how it looks.
    enum Tone: Hashable {
        case plain, strong, faint, good, caution, bad
        /// What is chosen.
        case chosen
        /// One of several things that are told apart by colour: any number from 0.
        case part(Int)

        /// The parameters of the terminal's SGR sequence. Source: ECMA-48, 8.3.117.
        fileprivate var code: String? {
            switch self {
            case .plain: nil
            case .strong: "1"
            case .faint: "2"
            case .good: "32"
            case .caution: "33"
            case .bad: "31"
            case .chosen: "7"
            case .part(let number): ["36", "35", "34", "33", "32"][number % 5]
            }
        }
    }

    private let isColored: Bool

    /// The style for a terminal, or for what has no colours.
    init(isColored: Bool) {
        self.isColored = isColored
    }

    /// The style for a stream of this process.
    init(for stream: Console.Stream) {
        let environment = ProcessInfo.processInfo.environment
        isColored =
            Console.isTerminal(stream) && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// The text in its tone.
    func callAsFunction(_ text: String, _ tone: Tone) -> String {
        // What is chosen is shown anyhow: it has no colour, and nothing else tells it.
        guard isColored || tone == .chosen, let code = tone.code, !text.isEmpty else {
            return text
        }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}
