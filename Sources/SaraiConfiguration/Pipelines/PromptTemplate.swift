import Mustache

/// A template of a prompt, in Mustache: `{{text}}` for a value, `{{#facts}}…{{/facts}}` for what is written only if there is one,
/// `{{^facts}}…{{/facts}}` only if there is none, `{{! … }}` for a comment. Nothing is escaped.
public struct PromptTemplate: Sendable {
    private let template: MustacheTemplate
    /// The names of the values that it uses; a tag of another kind counts as the name of a value that there is not.
    public let names: Set<String>

    /// Without this the values' quotes would be written for a browser. On a line of its own, so that the first line of the
    /// template can begin with a section.
    private static let preamble = "{{% CONTENT_TYPE:TEXT }}\n"

    /// Reads a template.
    ///
    /// - Throws: what the template library says of malformed templates.
    public init(_ text: String) throws {
        template = try MustacheTemplate(string: Self.preamble + text)
        let tags = text.matches(of: #/\{\{\{?\s*([^{}]*?)\s*\}\}/#).map { $0.1 }.filter { !$0.hasPrefix("!") }
        names = Set(
            tags.map { tag in
                let name = "#^/&".contains(tag.first ?? " ") ? tag.dropFirst().drop(while: \.isWhitespace) : tag
                return String(name)
            }
        ).subtracting(["."])
    }

    /// Fills the values in. What is empty counts as not there.
    public func render(_ values: [String: String]) -> String {
        template.render(values.filter { !$0.value.isEmpty })
    }
}

extension PromptTemplate {
    /// What is wrong with a template, for a person.
    ///
    /// - Returns: `nil` if nothing is.
    static func objection(to text: String) -> String? {
        do {
            _ = try PromptTemplate(text)
            return nil
        } catch {
            guard let error = error as? MustacheTemplate.ParserError else {
                return "\(error)."
            }
            // The preamble is a line.
            let line = "in line \(error.context.lineNumber - 1) of the text"
            switch error.error as? MustacheTemplate.Error {
            case .sectionCloseNameIncorrect:
                return
                    "\(line) a section is closed that is not the one that is open. Each '{{#name}}' and '{{^name}}' ends "
                    + "with its own '{{/name}}'."
            case .expectedSectionEnd:
                return "a section is not closed. Each '{{#name}}' and '{{^name}}' ends with '{{/name}}'."
            default:
                return "\(line) a tag is malformed. Write '{{name}}', '{{#name}}…{{/name}}' or '{{^name}}…{{/name}}'."
            }
        }
    }
}
