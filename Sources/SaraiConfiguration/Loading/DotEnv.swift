/// The variables of one `.env` file.
///
/// A line is `NAME=value` or `export NAME=value`. The value may stand in single quotes (nothing inside has a meaning)
/// or in double quotes (`\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes). Without quotes it ends before ` #`. Empty
/// lines and lines that begin with `#` say nothing. The last of several lines for one name counts, as in a shell.
struct DotEnv {
    /// A variable's value and its line.
    struct Variable {
        let value: String
        let location: SourceLocation
    }

    /// The variables by name.
    private(set) var variables: [String: Variable] = [:]
    /// The lines that make no sense.
    private(set) var problems: [Problem] = []

    /// Reads a file's text; what is wrong with it goes to ``problems``.
    init(_ file: SourceFile) {
        for (index, line) in file.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            let location = SourceLocation(file: file.path, line: index + 1)
            do throws(Complaint) {
                if let (name, value) = try Self.assignment(in: line) {
                    variables[name] = Variable(value: value, location: location)
                }
            } catch {
                problems.append(Problem(error.code, at: .dotEnv(location), keyPath: "", error.message))
            }
        }
    }

    /// Whether `name` can be the name of a variable.
    static func isName(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private static func assignment(in line: Substring) throws(Complaint) -> (name: String, value: String)? {
        var line = trimmed(line)
        guard !line.isEmpty, !line.hasPrefix("#") else {
            return nil
        }
        if line.hasPrefix("export"), line.dropFirst(6).first?.isWhitespace == true {
            line = trimmed(line.dropFirst(6))
        }
        guard let equals = line.firstIndex(of: "=") else {
            throw Complaint(.dotEnvSyntax, "expected NAME=value, found no '='.")
        }
        let name = line[..<equals]
        guard isName(name) else {
            let advice =
                name.contains(where: \.isWhitespace) ? "without spaces around '='" : "of letters, digits and '_'"
            throw Complaint(.dotEnvSyntax, "expected a name \(advice), found \(SourceValue.quoted(String(name))).")
        }
        return (String(name), try value(of: trimmed(line[line.index(after: equals)...])))
    }

    private static func value(of text: Substring) throws(Complaint) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            return unquoted(text)
        }
        var value = "", rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let tail = trimmed(rest)
                guard tail.isEmpty || tail.hasPrefix("#") else {
                    throw Complaint(.dotEnvSyntax, "expected nothing behind the closing quote but a comment.")
                }
                return value
            }
            guard character == "\\", quote == "\"", let escaped = rest.first, let meaning = escapes[escaped] else {
                value.append(character)
                continue
            }
            value.append(meaning)
            rest.removeFirst()
        }
        throw Complaint(.dotEnvSyntax, "the quote \(quote) is not closed on this line.")
    }

    private static let escapes: [Character: Character] = [
        "n": "\n", "r": "\r", "t": "\t", "\"": "\"", "\\": "\\", "$": "$",
    ]

    private static func unquoted(_ text: Substring) -> String {
        var previous: Character = " "
        var end = text.endIndex
        for index in text.indices {
            if text[index] == "#", previous.isWhitespace {
                end = index
                break
            }
            previous = text[index]
        }
        return String(trimmed(text[..<end]))
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true {
            text.removeLast()
        }
        return text
    }
}
