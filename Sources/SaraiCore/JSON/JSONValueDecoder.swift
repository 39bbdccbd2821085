/// Decodes types from a ``JSONValue``.
struct JSONValueDecoder: Decoder {
    private let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A decoder for a value.
    ///
    /// - Parameters:
    ///   - value: the value.
    ///   - path: where it stands in the document.
    init(_ value: JSONValue, path: [any CodingKey]) {
        self.value = value
        codingPath = path
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else {
            throw mismatch([String: JSONValue].self)
        }
        return KeyedDecodingContainer(Members(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else {
            throw mismatch([JSONValue].self)
        }
        return Items(items: items, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        self
    }

    private func mismatch(_ type: any Any.Type) -> DecodingError {
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "expected \(type)")
        return value.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    /// Reads a value of any type. Where it stands is only asked for by what has parts of its own, and by errors.
    private static func read<Value: Decodable>(
        _ type: Value.Type, _ value: JSONValue, at path: @autoclosure () -> [any CodingKey]
    ) throws -> Value {
        guard let scalar = type as? any JSONScalar.Type else {
            return try Value(from: JSONValueDecoder(value, path: path()))
        }
        guard let read = scalar.init(json: value) as? Value else {
            throw JSONValueDecoder(value, path: path()).mismatch(type)
        }
        return read
    }
}

extension JSONValue {
    fileprivate var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool {
        value.isNull
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Self.read(type, value, at: codingPath)
    }
}

extension JSONValueDecoder {
    /// The members of an object.
    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let members: JSONObject
        let codingPath: [any CodingKey]

        var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

        func contains(_ key: Key) -> Bool {
            members[key.stringValue] != nil
        }

        func decodeNil(forKey key: Key) throws -> Bool {
            try value(of: key).isNull
        }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try JSONValueDecoder.read(type, try value(of: key), at: codingPath + [key])
        }

        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            guard let value = members[key.stringValue], !value.isNull else {
                return nil
            }
            return try JSONValueDecoder.read(type, value, at: codingPath + [key])
        }

        // Most members are of these types: to find out at run time what is known here takes longer than to read them.

        func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try scalar(key) }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try scalar(key) }
        func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try scalar(key) }
        func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try scalar(key) }

        private func scalar<Scalar: JSONScalar>(_ key: Key) throws -> Scalar? {
            guard let value = members[key.stringValue], !value.isNull else {
                return nil
            }
            guard let scalar = Scalar(json: value) else {
                throw JSONValueDecoder(value, path: codingPath + [key]).mismatch(Scalar.self)
            }
            return scalar
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            try decoder(for: key).container(keyedBy: type)
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            try decoder(for: key).unkeyedContainer()
        }

        func superDecoder() throws -> any Decoder {
            JSONValueDecoder(members["super"] ?? .null, path: codingPath + [JSONKey(stringValue: "super")])
        }

        func superDecoder(forKey key: Key) throws -> any Decoder {
            try decoder(for: key)
        }

        private func decoder(for key: Key) throws -> JSONValueDecoder {
            JSONValueDecoder(try value(of: key), path: codingPath + [key])
        }

        private func value(of key: Key) throws -> JSONValue {
            guard let value = members[key.stringValue] else {
                throw DecodingError.keyNotFound(
                    key, .init(codingPath: codingPath, debugDescription: "no member '\(key.stringValue)'"))
            }
            return value
        }
    }

    /// The items of a list.
    private struct Items: UnkeyedDecodingContainer {
        let items: [JSONValue]
        let codingPath: [any CodingKey]
        private(set) var currentIndex = 0

        init(items: [JSONValue], codingPath: [any CodingKey]) {
            self.items = items
            self.codingPath = codingPath
        }

        var count: Int? { items.count }
        var isAtEnd: Bool { currentIndex == items.count }

        mutating func decodeNil() throws -> Bool {
            guard try next().isNull else {
                return false
            }
            currentIndex += 1
            return true
        }

        mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            let value = try JSONValueDecoder.read(type, try next(), at: path)
            currentIndex += 1
            return value
        }

        mutating func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type
        ) throws -> KeyedDecodingContainer<Nested> {
            let container = try peek().container(keyedBy: type)
            currentIndex += 1
            return container
        }

        mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
            let container = try peek().unkeyedContainer()
            currentIndex += 1
            return container
        }

        mutating func superDecoder() throws -> any Decoder {
            let decoder = try peek()
            currentIndex += 1
            return decoder
        }

        private func peek() throws -> JSONValueDecoder {
            JSONValueDecoder(try next(), path: path)
        }

        private func next() throws -> JSONValue {
            guard !isAtEnd else {
                throw DecodingError.valueNotFound(
                    JSONValue.self, .init(codingPath: path, debugDescription: "the list has no more items"))
            }
            return items[currentIndex]
        }

        /// Where the next item stands.
        private var path: [any CodingKey] { codingPath + [JSONKey(index: currentIndex)] }
    }
}
