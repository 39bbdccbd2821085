import FoundationEssentials
package import SaraiCore

/// What `sarai config schema` prints.
package enum ConfigurationReference {
    /// The configuration's JSON Schema, draft 2020-12: editors complete and check `sarai.yaml` with it.
    package static var jsonSchema: JSONValue {
        var properties: JSONObject = [:]
        for section in ConfigurationSchema.settings {
            properties[section.name] = .object(section.jsonSchema(type: ["object", "null"]))
        }
        let name = #"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}$"#
        properties["models"] = .object([
            "description": .string(ConfigurationSchema.models.summary),
            "type": .string("object"),
            "minProperties": .integer(1),
            "propertyNames": .object(["pattern": .string(name)]),
            "additionalProperties": .object(["$ref": .string("#/$defs/model")]),
        ])
        properties["pipelines"] = .object([
            "description": .string(ConfigurationSchema.pipelines.summary.replacing("`", with: "")),
            "type": .array([.string("object"), .string("null")]),
            "propertyNames": .object([
                "pattern": .string(#"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"#),
                "not": .object(["enum": .array([.string(PipelineConfiguration.auto), .string("latest")])]),
            ]),
            "additionalProperties": .object([
                "anyOf": .array([
                    .object(["$ref": .string("#/$defs/pipeline")]),
                    .object(["enum": .array([.bool(false), .string("off")])]),
                ])
            ]),
        ])
        var model = ConfigurationSchema.models.description.jsonSchema(type: ["object"])
        model["description"] = .string("One model.")
        model["oneOf"] = .array(
            ["backend", "targets"].map { .object(["required": .array([.string($0)])]) })
        return .object([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "title": .string("Sarai configuration"),
            "type": .string("object"),
            "additionalProperties": .bool(false),
            "required": .array([.string("models")]),
            "properties": .object(properties),
            "$defs": .object([
                "model": .object(model),
                "target": .object(ConfigurationSchema.targetEntry.description.jsonSchema(type: ["object"])),
                "server": .object(ConfigurationSchema.serverEntry.description.jsonSchema(type: ["object"])),
                "tls": .object(ConfigurationSchema.tlsEntry.description.jsonSchema(type: ["object"])),
                "pipeline": .object(ConfigurationSchema.pipelines.description.jsonSchema(type: ["object"])),
                "step": .object(stepSchema),
                "text": .object(ConfigurationSchema.localized(.prose).description.jsonSchema(type: ["object"])),
                "variable": .object([
                    "description": .string("A text with ${NAME} or ${NAME:-default} in it."),
                    "type": .string("string"),
                    "pattern": .string(#"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"#),
                ]),
            ]),
        ])
    }

    private static var stepSchema: JSONObject {
        var step = ConfigurationSchema.stepEntry.description.jsonSchema(type: ["object"])
        let actions = ["model", "role", "search", "transcribe"]
        step["oneOf"] = .array(actions.map { .object(["required": .array([.string($0)])]) })
        return step
    }

    /// ``jsonSchema`` as text, its keys sorted, with a newline at the end.
    package static func jsonSchemaText() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(jsonSchema), as: UTF8.self) + "\n"
    }
}

extension SectionDescription {
    /// The JSON Schema of the section's mapping; `type` lists the types that it may have.
    fileprivate func jsonSchema(type: [String]) -> JSONObject {
        var properties: JSONObject = [:]
        for key in keys {
            guard case .object(var schema) = key.schema else {
                continue
            }
            schema["description"] = .string(key.summary.replacing("`", with: ""))
            schema["default"] = key.defaultValue
            properties[key.name] = .object(schema)
        }
        let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        return [
            "description": .string(summary.replacing("`", with: "")),
            "type": .array(type.map { .string($0) }),
            "additionalProperties": .bool(false),
            "properties": .object(properties),
            "required": .array(required),
        ]
    }
}
