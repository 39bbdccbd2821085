import SaraiCore

extension ValueType where Value == Int {
    /// A whole number within `range`.
    static func integer(_ range: ClosedRange<Int>) -> ValueType {
        let noun = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return .scalar(
            noun,
            schema: [
                "type": .string("integer"), "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ],
            json: { .integer($0) },
            render: { String($0) },
            parse: { text, _ throws(Complaint) in
                let digits = text.filter { $0 != "_" }
                let isDecimal = digits == "0" || digits.drop(while: { "+-".contains($0) }).first != "0"
                guard isDecimal, let number = Int(digits) else {
                    throw Complaint(.wrongType, "expected \(noun), found \(SourceValue.quoted(text)).")
                }
                guard range.contains(number) else {
                    throw Complaint(.outOfRange, "expected \(noun), found \(number).")
                }
                return number
            }
        )
    }
}

extension ValueType where Value == Double {
    /// A part of a whole.
    static let share = number(upTo: 1)

    /// A number from 0 to `maximum`.
    static func number(upTo maximum: Int) -> ValueType {
        let noun = "a number from 0 to \(maximum)"
        return .scalar(
            noun,
            schema: ["type": .string("number"), "minimum": .integer(0), "maximum": .integer(maximum)],
            json: { .number($0) },
            render: { String($0) },
            parse: { text, _ throws(Complaint) in
                guard text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let number = Double(text) else {
                    throw Complaint(.wrongType, "expected \(noun), found \(SourceValue.quoted(text)).")
                }
                guard number <= Double(maximum) else {
                    throw Complaint(.outOfRange, "expected \(noun), found \(text).")
                }
                return number
            }
        )
    }
}

extension ValueType where Value == Bool {
    /// `true` or `false`, or another of YAML's words for them.
    static let boolean = ValueType.scalar(
        "true or false",
        schema: ["type": .string("boolean")],
        json: { .bool($0) },
        render: { String($0) },
        parse: { text, _ throws(Complaint) in
            switch text.lowercased() {
            case "true", "yes", "on", "1": return true
            case "false", "no", "off", "0": return false
            default: throw Complaint(.wrongType, "expected true or false, found \(SourceValue.quoted(text)).")
            }
        }
    )
}

extension ValueType where Value: RawRepresentable<String> & CaseIterable & Sendable {
    /// One of a type's cases, by its raw value.
    static var choice: ValueType {
        let names = Value.allCases.map(\.rawValue)
        let noun = names.count == 1 ? names.joined() : "one of " + names.joined(separator: ", ")
        return .scalar(
            noun,
            schema: ["type": .string("string"), "enum": .array(names.map { .string($0) })],
            render: { $0.rawValue },
            parse: { text, _ throws(Complaint) in
                guard let value = Value(rawValue: text) else {
                    let suggestion = Suggestion.sentence(for: text, among: names)
                    throw Complaint(
                        .invalidValue, "expected \(noun), found \(SourceValue.quoted(text)).\(suggestion)")
                }
                return value
            }
        )
    }
}

extension ValueType where Value == String {
    /// Any text on one line, not empty.
    static func text(_ noun: String) -> ValueType {
        .scalar(
            noun,
            schema: ["type": .string("string"), "minLength": .integer(1)],
            render: { $0 },
            parse: { text, _ throws(Complaint) in
                try text.checkedLine(expected: noun)
                return text
            }
        ).refusingBooleans()
    }

    /// Refuses a plain `yes` or `true`: YAML reads a truth value there, and a person may have meant one.
    func refusingBooleans() -> ValueType {
        ValueType(
            noun: noun,
            schema: schema,
            read: { [noun, read] value, reader in
                if case .scalar(let text, isPlain: true) = value.content,
                    ["true", "false", "yes", "no", "on", "off"].contains(text.lowercased())
                {
                    let message =
                        "expected \(noun), found YAML's \(text). If the word itself is meant, put it in quotes."
                    reader.findings.report(.wrongType, at: value.origin, reader.keyPath, message)
                    return nil
                }
                return read(value, &reader)
            },
            render: render,
            json: json
        )
    }

    /// A file's path; made absolute. That the file is there is not required, but noted when it is not.
    static let file = ValueType(
        noun: "a path",
        schema: .object(["type": .string("string"), "minLength": .integer(1)]),
        read: { value, reader in
            guard let text = ValueType.text("a path").read(value, &reader) else {
                return nil
            }
            let path = reader.surroundings.path(text, from: value.origin)
            if !reader.surroundings.fileExists(path) {
                reader.findings.missingFiles.append(.init(keyPath: reader.keyPath, path: path, origin: reader.origin))
            }
            return path
        },
        render: { $0 },
        json: { .string($0) }
    )

    /// A file's path; made absolute. The file must be there: nothing will bring it later.
    static let existingFile = ValueType(
        noun: file.noun,
        schema: file.schema,
        read: { value, reader in
            guard let text = ValueType.text("a path").read(value, &reader) else {
                return nil
            }
            let path = reader.surroundings.path(text, from: value.origin)
            guard reader.surroundings.fileExists(path) else {
                let message = "there is no file \(path). Put it there, correct the path, or remove the key."
                reader.findings.report(.invalidValue, at: value.origin, reader.keyPath, message)
                return nil
            }
            return path
        },
        render: { $0 },
        json: { .string($0) }
    )
}

extension ValueType where Value == Secret {
    /// A text that is never shown. A warning tells when the file holds it in the clear.
    static let secret = ValueType(
        noun: "a secret, as ${NAME}",
        schema: .object(["type": .string("string")]),
        read: { value, reader in
            guard let text = reader.text(of: value, expected: "text") else {
                return nil
            }
            guard text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 32 && $0.value < 127 }) else {
                let message = "expected printable ASCII without spaces; the value has other characters."
                reader.findings.report(.invalidValue, at: value.origin, reader.keyPath, message)
                return nil
            }
            if case .file(_, let variables) = reader.origin, variables.isEmpty, !text.isEmpty {
                let message = "a secret stands in the file itself. Put it in '.env' and write ${NAME} here."
                reader.findings.warn(.secretInFile, at: value.origin, reader.keyPath, message)
            }
            return Secret(text)
        },
        render: { $0.description },
        json: { _ in .null }
    )
}

extension String {
    /// Complains unless this is one line of text.
    func checkedLine(expected noun: String) throws(Complaint) {
        guard !isEmpty else {
            throw Complaint(.invalidValue, "expected \(noun), found an empty text.")
        }
        guard unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
            throw Complaint(.invalidValue, "expected \(noun) on one line, found control characters.")
        }
    }
}
