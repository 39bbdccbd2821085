import SaraiCore

/// A JSON schema (2020-12), as far as the description of the API needs one.
struct Schema: Sendable {
    /// The schema as JSON.
    let json: JSONValue

    private init(_ json: JSONValue) {
        self.json = json
    }

    private init(type: String, _ more: [(String, JSONValue?)] = []) {
        json = .members([("type", .string(type))] + more)
    }

    /// Anything.
    static let any = Schema(.bool(true))
    /// Any text.
    static let string = Schema(type: "string")
    /// True or false.
    static let boolean = Schema(type: "boolean")
    /// Any number.
    static let number = Schema(type: "number")
    /// Any whole number that 64 bits hold.
    static let integer = integer(in: Int.min...Int.max)
    /// Any object.
    static let object = Schema(type: "object")

    /// Text of some form.
    static func string(
        pattern: String? = nil, format: String? = nil, minimum: Int? = nil, maximum: Int? = nil
    ) -> Schema {
        Schema(
            type: "string",
            [
                ("pattern", pattern.map(JSONValue.string)), ("format", format.map(JSONValue.string)),
                ("minLength", minimum.map(JSONValue.integer)), ("maxLength", maximum.map(JSONValue.integer)),
            ])
    }

    /// One of some texts.
    static func oneOf(_ texts: [String]) -> Schema {
        Schema(type: "string", [("enum", .array(texts.map(JSONValue.string)))])
    }

    /// Exactly this text.
    static func constant(_ text: String) -> Schema {
        Schema(type: "string", [("const", .string(text))])
    }

    /// A number in a range.
    static func number(in range: ClosedRange<Double>) -> Schema {
        Schema(type: "number", [("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound))])
    }

    /// A whole number in a range.
    static func integer(in range: ClosedRange<Int>) -> Schema {
        Schema(type: "integer", [("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound))])
    }

    /// A list.
    static func list(of item: Schema, count: ClosedRange<Int>? = nil) -> Schema {
        Schema(
            type: "array",
            [
                ("items", item.json), ("minItems", count.map { .integer($0.lowerBound) }),
                ("maxItems", count.map { .integer($0.upperBound) }),
            ])
    }

    /// An object with these members.
    ///
    /// - Parameters:
    ///   - members: those that are known.
    ///   - others: whether there may be more.
    /// - Returns: the schema.
    static func object(_ members: [Member], others: Bool = true) -> Schema {
        let properties = members.map { ($0.name, $0.described.json as JSONValue?) }
        let required = members.filter(\.isRequired).map { JSONValue.string($0.name) }
        return Schema(
            type: "object",
            [
                ("properties", .members(properties)),
                ("required", required.isEmpty ? nil : .array(required)),
                ("additionalProperties", others ? nil : .bool(false)),
            ])
    }

    /// An object whose members all look like this.
    static func table(of value: Schema) -> Schema {
        Schema(type: "object", [("additionalProperties", value.json)])
    }

    /// Any of several.
    static func any(of schemas: Schema...) -> Schema {
        Schema(.object(["anyOf": .array(schemas.map(\.json))]))
    }

    /// A schema that stands among the components of the description.
    static func component(_ name: String) -> Schema {
        Schema(.object(["$ref": .string("#/components/schemas/\(name)")]))
    }

    /// The schema, or null.
    var orNull: Schema {
        .any(of: self, Schema(type: "null"))
    }

    /// The schema with a sentence about what it stands for.
    func about(_ text: String) -> Schema {
        guard case .object(var members) = json else {
            return Schema(.object(["description": .string(text)]))
        }
        members["description"] = .string(text)
        return Schema(.object(members))
    }
}

extension JSONValue {
    /// An object of these members, without those that have no value.
    static func members(_ members: [(String, JSONValue?)]) -> JSONValue {
        .object(
            members.reduce(into: JSONObject()) { object, member in
                object[member.0] = member.1
            })
    }
}

/// A member of an object.
struct Member: Sendable {
    let name: String
    let schema: Schema
    let isRequired: Bool
    /// What it is, in a sentence; empty where its name says it.
    let about: String

    /// A member that must be there.
    static func required(_ name: String, _ schema: Schema, _ about: String = "") -> Member {
        Member(name: name, schema: schema, isRequired: true, about: about)
    }

    /// A member that may be missing, or null.
    static func optional(_ name: String, _ schema: Schema, _ about: String = "") -> Member {
        Member(name: name, schema: schema.orNull, isRequired: false, about: about)
    }

    /// The schema with what there is to say.
    var described: Schema {
        about.isEmpty ? schema : schema.about(about)
    }
}
