import Yams

extension YAMLReader {
    /// A problem that says what Yams says, with its place and, where the cause is a common one, what to do.
    static func problem(with error: any Error, in file: SourceFile) -> Problem {
        func problem(_ code: Problem.Code, line: Int?, column: Int?, _ message: String) -> Problem {
            let location = SourceLocation(file: file.path, line: line, column: column)
            return Problem(code, at: .file(location), keyPath: "", message)
        }
        switch error as? YamlError {
        case .scanner(let context, let text, let mark, _), .parser(let context, let text, let mark, _),
            .composer(let context, let text, let mark, _):
            let cause = [context?.text, text].compactMap { $0 }.joined(separator: " ")
            let message = "this is not valid YAML: \(cause)." + hint(line: mark.line, of: file.text)
            return problem(.yamlSyntax, line: mark.line, column: mark.column, message)
        case .reader(let text, let offset, _, _):
            let before = file.text.prefix(offset ?? 0).split(separator: "\n", omittingEmptySubsequences: false)
            let column = (before.last?.unicodeScalars.count ?? 0) + 1
            return problem(.yamlSyntax, line: before.count, column: column, "this is not valid YAML: \(text).")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let first = context.mark
            let second = line(repeating: key, after: first.line, column: first.column, in: file.text)
            let message =
                "the key '\(key)' is here twice" + (second == nil ? "" : "; first in line \(first.line)")
                + ". Remove one of the two."
            return problem(.duplicate, line: second ?? first.line, column: first.column, message)
        default:
            return problem(.yamlSyntax, line: nil, column: nil, "this is not valid YAML: \(error).")
        }
    }

    /// What to do about the commonest causes.
    private static func hint(line: Int, of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else {
            return ""
        }
        let isIndentedByTab = lines[line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
        return isIndentedByTab ? " Indent with spaces; YAML forbids tabs there." : ""
    }

    /// The line below `line` where a block mapping repeats `key` in the same column.
    private static func line(repeating key: String, after line: Int, column: Int, in text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, candidate) in lines.enumerated().dropFirst(line) {
            let content = candidate.drop { $0 == " " }
            if content.isEmpty || content.hasPrefix("#") {
                continue
            }
            let indentation = candidate.count - content.count
            guard indentation >= column - 1 else {
                return nil
            }
            let name = content.prefix { $0 != ":" }.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
            if indentation == column - 1, content.contains(":"), name == key {
                return index + 1
            }
        }
        return nil
    }
}
