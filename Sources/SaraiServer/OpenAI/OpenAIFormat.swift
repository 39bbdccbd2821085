import SaraiCore

/// `response_format` of chats, and `text.format` of responses.
struct OpenAIFormat: Decodable {
    let format: ResponseFormat?

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        switch try fields.required("type", as: String.self) {
        case "text":
            try fields.requireKnownOrEmpty(Self.plain, in: "response_format.")
            format = nil
        case "json_object":
            try fields.requireKnownOrEmpty(Self.plain, in: "response_format.")
            format = .json
        case "json_schema":
            try fields.requireKnownOrEmpty(
                Self.plain + Self.described + Member.harmless("json_schema"), in: "response_format.")
            // In responses the schema stands beside the type, in chats one level deeper.
            let wrapper: JSONValue? = try fields.optional("json_schema")
            let schema: JSONValue? =
                switch wrapper {
                case nil, .null: try fields.optional("schema")
                default:
                    try fields.object("json_schema", of: Self.described, in: "response_format.").optional("schema")
                }
            guard let schema, case .object = schema else {
                throw PoolError(.invalidRequest, "response_format.json_schema.schema: expected an object")
            }
            format = .schema(schema)
        case let type:
            throw PoolError(
                .invalidRequest, "response_format.type: '\(type)' is none of text, json_object, json_schema")
        }
    }

    private static let plain: [Member] = [.required("type", .string)]
    /// `strict` or not, the answer is held to the schema.
    private static let described: [Member] =
        [.required("schema", .object)] + Member.harmless("name", "description", "strict")
}
