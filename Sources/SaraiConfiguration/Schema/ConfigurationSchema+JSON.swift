import FoundationEssentials
package import SaraiCore

/// What `sarai config schema` prints.
package enum ConfigurationReference {
    /// The configuration's JSON Schema, draft 2020-12: editors complete and check `sarai.yaml` with it.
    package static var jsonSchema: JSONValue {
        var properties: [String: JSONValue] = [:]
        for section in ConfigurationSchema.sections {
            properties[section.name] = .object(schema(of: section))
        }
        let name = #"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}$"#
        properties["models"] = .object([
            "description": .string(ConfigurationSchema.models.summary),
            "type": .string("object"),
            "minProperties": .integer(1),
            "propertyNames": .object(["pattern": .string(name)]),
            "additionalProperties": .object(["$ref": .string("#/$defs/model")]),
        ])
        var model = schema(of: ConfigurationSchema.models.description)
        model["type"] = .string("object")
        model["description"] = .string("One model.")
        model["required"] = .array([.string("backend")])
        return .object([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("Sarai configuration"),
            "type": .string("object"),
            "additionalProperties": .bool(false),
            "required": .array([.string("models")]),
            "properties": .object(properties),
            "$defs": .object([
                "model": .object(model),
                "variable": .object([
                    "description": .string("A text with ${NAME} or ${NAME:-default} in it."),
                    "type": .string("string"),
                    "pattern": .string(#"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"#),
                ]),
            ]),
        ])
    }

    /// ``jsonSchema`` as text, its keys sorted, with a newline at the end.
    package static func jsonSchemaText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(jsonSchema), as: UTF8.self) + "\n"
    }

    private static func schema(of section: SectionDescription) -> [String: JSONValue] {
        var properties: [String: JSONValue] = [:]
        for key in section.keys {
            guard case .object(var schema) = key.schema else {
                continue
            }
            schema["description"] = .string(key.summary.replacing("`", with: ""))
            schema["default"] = key.defaultValue
            properties[key.name] = .object(schema)
        }
        return [
            "description": .string(section.summary),
            "type": .array([.string("object"), .string("null")]),
            "additionalProperties": .bool(false),
            "properties": .object(properties),
        ]
    }
}
