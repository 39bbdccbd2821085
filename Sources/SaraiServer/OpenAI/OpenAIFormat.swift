import SaraiCore

/// `response_format` of chats, and `text.format` of responses.
struct OpenAIFormat: Decodable {
    let format: ResponseFormat?

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "text": format = nil
        case "json_object": format = .json
        case "json_schema":
            // In responses the schema stands beside the type, in chats one level deeper.
            let wrapper: JSONValue? = try fields.optional("json_schema")
            let schema: JSONValue? = try wrapper?["schema"] ?? fields.optional("schema")
            guard let schema, case .object = schema else {
                throw PoolError(.invalidRequest, "response_format.json_schema.schema: expected an object")
            }
            // `strict` or not, the answer is held to the schema.
            format = .schema(schema)
        case let type:
            throw PoolError(
                .invalidRequest, "response_format.type: '\(type)' is none of text, json_object, json_schema")
        }
    }
}
