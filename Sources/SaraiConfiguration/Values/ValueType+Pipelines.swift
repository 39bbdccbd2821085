import SaraiCore

extension ValueType where Value == ModelName {
    /// The name of a model.
    static let modelName = ValueType.scalar(
        "a model's name",
        schema: ["type": .string("string"), "minLength": .integer(1)],
        render: { $0.rawValue },
        parse: { text, _ throws(Complaint) in
            guard let name = ModelName(text) else {
                throw Complaint(.invalidValue, "expected a model's name, found \(SourceValue.quoted(text)).")
            }
            return name
        }
    )
}

extension ValueType where Value == ModelReference {
    /// A role, or the name of a model; a word that is both means the role.
    static let modelReference = ValueType.scalar(
        "a role or a model's name",
        schema: ["type": .string("string"), "minLength": .integer(1)],
        render: { reference in
            switch reference {
            case .name(let name): name.rawValue
            case .role(let role): role.rawValue
            }
        },
        parse: { text, _ throws(Complaint) in
            if let role = ModelConfiguration.Role(rawValue: text) {
                return .role(role)
            }
            guard let name = ModelName(text) else {
                throw Complaint(.invalidValue, "expected a role or a model's name, found \(SourceValue.quoted(text)).")
            }
            return .name(name)
        }
    )
}

extension ValueType where Value == String {
    /// The name of a step: a word that templates can write.
    static let stepName = ValueType.scalar(
        stepNameNoun,
        schema: ["type": .string("string"), "minLength": .integer(1), "maxLength": .integer(64)],
        render: { $0 },
        parse: { text, _ throws(Complaint) in
            let isWord = text.utf8.allSatisfy { byte in
                let character = Character(UnicodeScalar(byte))
                return byte < 128 && (character.isLetter || character.isNumber || character == "_")
            }
            guard isWord, (1...64).contains(text.count) else {
                throw Complaint(.invalidValue, "expected \(stepNameNoun), found \(SourceValue.quoted(text)).")
            }
            guard !PipelineStep.commonValues.contains(text) else {
                throw Complaint(.invalidValue, "'\(text)' is a value that every pipeline has. Choose another name.")
            }
            return text
        }
    )

    private static var stepNameNoun: String { "a name of 1 to 64 letters, digits and _" }

    /// Any text, on several lines too; may be empty.
    static let prose = ValueType.scalar(
        "a text",
        schema: ["type": .string("string")],
        render: { SourceValue.quoted($0.replacing("\n", with: " ")) },
        parse: { text, _ throws(Complaint) in
            try text.checkedLines()
            return text
        }
    ).refusingBooleans()

    /// A template as ``PromptTemplate`` reads it.
    static let templateText = ValueType.scalar(
        "a template",
        schema: ["type": .string("string"), "minLength": .integer(1)],
        render: prose.render,
        parse: { text, _ throws(Complaint) in
            guard !text.isEmpty else {
                throw Complaint(.invalidValue, "expected a template, found an empty text.")
            }
            try text.checkedLines()
            if let objection = PromptTemplate.objection(to: text) {
                throw Complaint(.invalidValue, "the template is malformed: \(objection)")
            }
            return text
        }
    ).refusingBooleans()
}

extension ValueType where Value == LocalizedText {
    /// A text, the same or one for each language.
    static let localizedText = localized(.prose)
    /// A template, the same or one for each language.
    static let template = localized(.templateText)

    private static func localized(_ text: ValueType<String>) -> ValueType {
        let section = ConfigurationSchema.localized(text)
        return ValueType(
            noun: "\(text.noun), or {en: …, es: …}",
            schema: .object([
                "anyOf": .array([text.schema, .object(["$ref": .string("#/$defs/text")])])
            ]),
            read: { value, reader in
                guard case .mapping = value.content else {
                    return text.read(value, &reader).map { LocalizedText($0) }
                }
                let draft = reader.readMapping(value, of: section).draft
                guard let english = draft.english, let spanish = draft.spanish else {
                    return nil
                }
                return LocalizedText(english: english, spanish: spanish)
            },
            render: { value in
                value.english == value.spanish
                    ? text.render(value.english)
                    : "{en: \(text.render(value.english)), es: \(text.render(value.spanish))}"
            },
            json: { .object(["en": .string($0.english), "es": .string($0.spanish)]) }
        )
    }
}

extension ValueType where Value == SectionReader<StepDraft>.Result {
    /// An entry of `steps`.
    static let step = ValueType(
        noun: stepNoun,
        schema: .object(["$ref": .string("#/$defs/step")]),
        read: { value, reader in
            guard case .mapping = value.content else {
                reader.report(expected: stepNoun, found: value)
                return nil
            }
            return reader.readMapping(value, of: ConfigurationSchema.stepEntry)
        },
        render: { $0.draft.name ?? "" },
        json: { _ in .null },
        // A step lists what the file says of it: the defaults of all others would bury that.
        inner: { result, keyPath in
            ConfigurationSchema.stepEntry.effectiveValues(of: result, at: keyPath) { _ in false }
        }
    )

    private static var stepNoun: String { "a mapping that begins with 'name:'" }
}

extension String {
    /// Complains of control characters other than line breaks and tabs.
    fileprivate func checkedLines() throws(Complaint) {
        let isText = unicodeScalars.allSatisfy {
            $0.value >= 32 && $0.value != 127 || "\n\r\t".unicodeScalars.contains($0)
        }
        guard isText else {
            throw Complaint(.invalidValue, "expected text, found control characters.")
        }
    }
}
