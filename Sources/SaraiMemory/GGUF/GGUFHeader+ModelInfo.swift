package import SaraiCore

extension GGUFHeader {
    /// The metadata as Ollama's `/api/show` gives it in `model_info`.
    ///
    /// Long arrays (vocabularies) are empty there, and the chat template and the name have places of their own.
    package var modelInfo: JSONObject {
        var info: JSONObject = [:]
        for entry in metadata.entries where !Self.shownElsewhere.contains(entry.key) {
            info[entry.key] = entry.value.json
        }
        info["general.parameter_count"] = .integer(parameterCount)
        return info
    }

    private static let shownElsewhere: Set<String> = ["general.name", "tokenizer.chat_template"]
}

extension GGUFValue {
    /// The value in JSON; an array whose elements were not kept is empty.
    package var json: JSONValue {
        switch self {
        case .integer(let value): .integer(value)
        case .unsigned(let value): Int(exactly: value).map(JSONValue.integer) ?? .decimal("\(value)")
        // JSON has no word for infinities and NaN.
        case .number(let value): value.isFinite ? .number(value) : .null
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .array(let array): .array((array.elements ?? []).map(\.json))
        }
    }
}
