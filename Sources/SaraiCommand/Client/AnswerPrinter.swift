import SaraiCore
import Synchronization

/// Prints an answer as it comes: the text on stdout, the reasoning on stderr.
final class AnswerPrinter: Sendable {
    private let isSilent: Bool
    private let style = TextStyle(for: .error)
    private let isLineOpen = Mutex(false)

    /// A printer for one answer.
    ///
    /// - Parameter isSilent: whether the text is printed elsewhere, as a whole.
    init(isSilent: Bool = false) {
        self.isSilent = isSilent
    }

    /// Prints a piece.
    @Sendable func print(_ event: GenerationEvent) {
        guard !isSilent else {
            return
        }
        switch event {
        case .content(let text):
            Console.write(Console.presentable(text))
            isLineOpen.withLock { $0 = !text.hasSuffix("\n") }
        case .thinking(let text):
            Console.prompt(style(Console.presentable(text), .faint))
        case .toolCall, .logprobs, .finished: break
        }
    }

    /// Ends the last line, however the answer ended. May be called again.
    func finish() {
        if isLineOpen.withLock({ isOpen in
            defer { isOpen = false }
            return isOpen
        }) {
            Console.write("\n")
        }
    }
}
