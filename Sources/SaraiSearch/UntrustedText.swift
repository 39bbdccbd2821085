/// What a stranger wrote, as one line that can be read and do nothing else.
///
/// A prompt is text in which some strings are commands: marks that end a block, and what chat templates put between
/// messages (`<|im_start|>`, `</s>`, `[INST]`, `### User:`), which engines turn into control tokens. Which ones differs
/// from model to model, so no list of them would be complete; but all of them need angle or square brackets, or a run
/// of `#`. Those become characters that look alike and mean nothing. Without square brackets there are no links and
/// pictures of Markdown either, which a client might fetch.
struct UntrustedText {
    /// The line; empty if there is nothing to read.
    let line: String

    /// Unicode scalars of the original that are looked at: more than enough for any limit, however much markup there
    /// is.
    private static let mostRead = 4000

    /// Makes a line of a title or a snippet.
    ///
    /// - Parameters:
    ///   - raw: plain text, or HTML.
    ///   - limit: Unicode scalars of the line at most.
    init(_ raw: String, limit: Int) {
        var html = HTMLText(String(raw.unicodeScalars.prefix(Self.mostRead)))
        let visible = html.read().filter { $0.isBlank || !$0.isInvisible }
        var line = String.UnicodeScalarView()
        for scalar in Self.withoutMarks(String(String.UnicodeScalarView(visible))).unicodeScalars {
            let safe = scalar.isBlank ? " " : Self.harmless[scalar] ?? scalar
            if safe != line.last || !Self.onceInARow.contains(safe) {
                line.append(safe)
            }
        }
        self.line = String(line).trimmingBlanks.shortened(to: limit)
    }

    /// Leaves out what is nothing but a mark, so that no model is reminded of it either: `<|im_end|>`, `</web_results>`,
    /// `<end_of_turn>`.
    private static func withoutMarks(_ text: String) -> String {
        text.replacing(#/<[\w|｜\/▁]{1,60}>/#) { match in
            match.output.contains { "|｜/_▁".contains($0) } ? " " : String(match.output)
        }
    }

    private static let harmless: [Unicode.Scalar: Unicode.Scalar] = ["<": "‹", ">": "›", "[": "(", "]": ")"]
    private static let onceInARow: Set<Unicode.Scalar> = [" ", "#", "`"]
}

extension Unicode.Scalar {
    /// Whether it is white space, a line's end for example.
    var isBlank: Bool { properties.isWhitespace }

    /// Whether nobody sees it: controls, what changes the direction of writing, joiners, tags, selectors of variants,
    /// private use.
    ///
    /// Text can be smuggled in such characters past a person's eyes into a model's.
    var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        default: properties.isDefaultIgnorableCodePoint
        }
    }
}
