import SaraiCore

/// A member name that is only known when it is met.
struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

/// Reads the members of a request by name, with range checks, and knows which were left unread.
struct RequestFields {
    private let container: KeyedDecodingContainer<AnyKey>

    /// The members of the object that `decoder` stands at.
    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: AnyKey.self)
    }

    /// The names of all members.
    var names: [String] { container.allKeys.map(\.stringValue) }

    /// Refuses members that are not known here: what would be ignored must not look as if it were honoured.
    ///
    /// - Parameters:
    ///   - members: those that are known, as the description of the API has them.
    ///   - place: of these members, with its dot, for the message.
    /// - Throws: ``PoolError`` with `invalidRequest`.
    func requireKnown(_ members: [Member], in place: String = "") throws {
        let known = Set(members.map(\.name))
        if let name = names.sorted().first(where: { !known.contains($0) }) {
            throw PoolError(
                .invalidRequest,
                "\(place)\(name): unknown or unsupported.\(Suggestion.sentence(for: name, among: known))")
        }
    }

    /// Refuses members of an object inside of a request that are not known here, unless they ask for nothing: clients send
    /// back earlier answers with all members that there are, most of them null.
    ///
    /// - Parameters:
    ///   - members: those that are known.
    ///   - place: of these members, with its dot, for the message.
    /// - Throws: ``PoolError`` with `invalidRequest`.
    func requireKnownOrEmpty(_ members: [Member], in place: String) throws {
        let known = Set(members.map(\.name))
        for name in names.sorted() where !known.contains(name) {
            switch try optional(name, as: JSONValue.self) {
            case nil, .null, .string(""), .array([]), .object([:]): break
            default:
                throw PoolError(
                    .invalidRequest,
                    "\(place)\(name): unknown or unsupported.\(Suggestion.sentence(for: name, among: known))")
            }
        }
    }

    /// The names that are not among the known ones, in order.
    func unread(_ members: [Member]) -> [String] {
        let known = Set(members.map(\.name))
        return names.filter { !known.contains($0) }.sorted()
    }

    /// A member that must be there.
    func required<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try container.decode(type, forKey: AnyKey(stringValue: name))
    }

    /// An object that must be there, whose members must be known.
    ///
    /// - Parameters:
    ///   - name: the member that it is.
    ///   - members: those that it may have; others only if they are empty.
    ///   - place: of the object, with its dot, for messages.
    /// - Returns: its members.
    /// - Throws: ``PoolError`` with `invalidRequest` for others, and what decoding throws.
    func object(_ name: String, of members: [Member], in place: String = "") throws -> RequestFields {
        let fields = try required(name, as: Nested.self).fields
        try fields.requireKnownOrEmpty(members, in: "\(place)\(name).")
        return fields
    }

    private struct Nested: Decodable {
        let fields: RequestFields

        init(from decoder: any Decoder) throws {
            fields = try RequestFields(decoder)
        }
    }

    /// A member that may be missing or null.
    func optional<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        try container.decodeIfPresent(type, forKey: AnyKey(stringValue: name))
    }

    /// A text that may be missing, null or empty, which are all the same.
    func text(_ name: String) throws -> String? {
        guard let text: String = try optional(name), !text.isEmpty else {
            return nil
        }
        return text
    }

    /// A number that must lie in a range.
    func optional<Value: Decodable & Comparable>(_ name: String, in range: ClosedRange<Value>) throws -> Value? {
        guard let value = try optional(name, as: Value.self) else {
            return nil
        }
        guard range.contains(value) else {
            throw PoolError(
                .invalidRequest, "\(name): \(value) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return value
    }

    /// The model that a request is for. Ollama's older name for the member is `name`.
    func model(orNamed older: String? = nil) throws -> ModelName {
        let newer: String? = try optional("model")
        // Read in any case, so that it is not wrong unseen.
        let other: String? = try older.flatMap { try optional($0) }
        guard let text = newer ?? other else {
            throw PoolError(.invalidRequest, "model: missing")
        }
        return try ModelName(requested: text)
    }

    /// Tool definitions, in the schema that both dialects share: an object with a named function.
    func tools() throws -> [JSONValue] {
        let tools: [JSONValue] = try optional("tools") ?? []
        guard tools.count <= Self.maximumTools else {
            throw PoolError(.invalidRequest, "tools: more than \(Self.maximumTools)")
        }
        var names: Set<String> = []
        for (index, tool) in tools.enumerated() {
            guard tool["type"] == .string("function"), let name = tool["function"]?["name"]?.stringValue,
                (1...128).contains(name.utf8.count)
            else {
                throw PoolError(
                    .invalidRequest,
                    "tools[\(index)]: expected {\"type\": \"function\", \"function\": {\"name\": …}}")
            }
            guard names.insert(name).inserted else {
                throw PoolError(.invalidRequest, "tools[\(index)]: there are two tools '\(name)'")
            }
            switch tool["function"]?["description"] {
            case nil, .null, .string: break
            default:
                throw PoolError(.invalidRequest, "tools[\(index)].function.description: expected a text")
            }
            switch tool["function"]?["parameters"] {
            case nil, .null, .object: break
            default:
                throw PoolError(.invalidRequest, "tools[\(index)].function.parameters: expected a JSON schema")
            }
        }
        return tools
    }

    private static let maximumTools = 128

    /// Texts that end an answer. Empty ones end nothing.
    func stops(_ name: String) throws -> [String] {
        let stops = try strings(name)?.filter { !$0.isEmpty } ?? []
        guard stops.count <= SamplingRange.maximumStops else {
            throw PoolError(.invalidRequest, "\(name): more than \(SamplingRange.maximumStops) texts")
        }
        return stops
    }

    /// A text or a list of texts.
    func strings(_ name: String) throws -> [String]? {
        try optional(name, as: OneOrMany.self)?.texts
    }
}

/// A text or a list of texts.
struct OneOrMany: Decodable {
    let texts: [String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            texts = [text]
        } else {
            texts = try container.decode([String].self)
        }
    }
}

/// The ranges that sampling parameters must lie in, in every dialect.
enum SamplingRange {
    static let temperature = 0.0...5.0
    static let probability = 0.0...1.0
    static let penalty = -2.0...2.0
    static let repeatPenalty = 0.0...5.0
    static let topK = 0...1_000_000
    static let tokens = 1...1_000_000
    static let repeatLastN = -1...1_000_000
    static let topLogprobs = 0...20
    static let dimensions = 1...65_536
    static let maximumStops = 16
}

extension ModelName {
    /// Reads a model's name from a request.
    ///
    /// - Throws: ``PoolError`` with `invalidRequest` for text that can be no name.
    init(requested text: String) throws {
        guard let name = ModelName(text) else {
            throw PoolError(.invalidRequest, "model: '\(text.prefix(140))' is not a model name")
        }
        self = name
    }
}
