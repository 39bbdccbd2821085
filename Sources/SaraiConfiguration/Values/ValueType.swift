import SaraiCore

/// A type of value: how it is read, checked, shown and described in the schema.
struct ValueType<Value>: Sendable {
    /// What messages and the reference page call it: `a whole number from 1 to 64`.
    let noun: String
    /// The JSON Schema of the value as it stands in the file.
    let schema: JSONValue
    /// Makes a value, or reports why not and returns `nil`.
    let read: @Sendable (SourceValue, inout ValueReader) -> Value?
    /// The value as the file would say it; secrets are masked.
    let render: @Sendable (Value) -> String
    /// The value as the schema's `default` says it.
    let json: @Sendable (Value) -> JSONValue
    /// The values inside, where this is made of mappings; the text is the value's key path.
    var inner: @Sendable (Value, String) -> [EffectiveValue] = { _, _ in [] }
}

extension ValueType {
    /// A type whose values are single words or numbers.
    ///
    /// The schema is that of the value itself; a text with `${…}` is accepted beside it. What `parse` gets has its
    /// variables filled in already.
    static func scalar(
        _ noun: String,
        schema: JSONObject,
        json: (@Sendable (Value) -> JSONValue)? = nil,
        render: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (String, ValueReader) throws(Complaint) -> Value
    ) -> ValueType {
        let isText = schema["type"] == .string("string") && schema["enum"] == nil && schema["pattern"] == nil
        return ValueType(
            noun: noun,
            schema: isText ? .object(schema) : .object(["anyOf": .array([.object(schema), Self.expansionReference])]),
            read: { value, reader in
                guard let text = reader.text(of: value, expected: noun) else {
                    return nil
                }
                do throws(Complaint) {
                    return try parse(text, reader)
                } catch {
                    reader.findings.report(error.code, at: value.origin, reader.keyPath, error.message)
                    return nil
                }
            },
            render: render,
            json: json ?? { .string(render($0)) }
        )
    }

    private static var expansionReference: JSONValue {
        .object(["$ref": .string("#/$defs/variable")])
    }

    /// A list of values; a single value is a list of one.
    static func list<Element>(of element: ValueType<Element>, noun: String) -> ValueType where Value == [Element] {
        ValueType(
            noun: noun,
            schema: .object([
                "anyOf": .array([
                    element.schema, .object(["type": .string("array"), "items": element.schema]),
                ])
            ]),
            read: { value, reader in
                switch value.content {
                case .list(let values):
                    let elements = reader.readElements(values, element.read)
                    return elements.count == values.count ? elements : nil
                case .scalar where value.isNull:
                    reader.report(expected: noun, found: value)
                    return nil
                case .scalar, .mapping:
                    return element.read(value, &reader).map { [$0] }
                }
            },
            render: { "[" + $0.map(element.render).joined(separator: ", ") + "]" },
            json: { .array($0.map(element.json)) },
            inner: { values, keyPath in
                values.enumerated().flatMap { element.inner($1, "\(keyPath)[\($0)]") }
            }
        )
    }
}
