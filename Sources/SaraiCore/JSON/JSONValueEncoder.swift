/// Encodes types into a ``JSONValue``, members in the order in which they are encoded.
struct JSONValueEncoder: Encoder {
    fileprivate let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    /// A value as JSON.
    ///
    /// - Parameters:
    ///   - value: what to encode.
    ///   - path: where it stands in the document. Only asked for by what has parts of its own.
    /// - Returns: the value.
    /// - Throws: what the type's `Encodable` throws.
    static func json(of value: some Encodable, path: @autoclosure () -> [any CodingKey]) throws -> JSONValue {
        if let scalar = value as? any JSONScalar {
            return scalar.json
        }
        let encoder = JSONValueEncoder(node: Node(), codingPath: path())
        try value.encode(to: encoder)
        return encoder.node.json
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.beginObject()
        return KeyedEncodingContainer(Members(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.beginArray()
        return Items(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(node: node, codingPath: codingPath)
    }
}

/// A value in the making. A reference, since containers that are handed out fill it in later.
private final class Node {
    private enum Part {
        case value(JSONValue)
        case node(Node)

        var json: JSONValue {
            switch self {
            case .value(let value): value
            case .node(let node): node.json
            }
        }
    }

    private enum Content {
        case nothing
        case value(JSONValue)
        case items([Part])
        case members([(key: String, part: Part)])
    }

    private var content = Content.nothing

    var json: JSONValue {
        switch content {
        case .nothing: return .object([:])
        case .value(let value): return value
        case .items(let items): return .array(items.map(\.json))
        case .members(let members):
            var object = JSONObject()
            for (key, part) in members {
                object[key] = part.json
            }
            return .object(object)
        }
    }

    var count: Int {
        if case .items(let items) = content { items.count } else { 0 }
    }

    func set(_ value: JSONValue) {
        content = .value(value)
    }

    func beginObject() {
        // A type and its superclass may write into one object.
        guard case .members = content else {
            content = .members([])
            return
        }
    }

    func beginArray() {
        guard case .items = content else {
            content = .items([])
            return
        }
    }

    func add(_ value: JSONValue, _ key: (any CodingKey)? = nil) {
        add(.value(value), key)
    }

    func addNode(_ key: (any CodingKey)? = nil) -> Node {
        let node = Node()
        add(.node(node), key)
        return node
    }

    private func add(_ part: Part, _ key: (any CodingKey)?) {
        switch content {
        case .items(var items):
            // Let go of first, so that the list is not copied each time.
            content = .nothing
            items.append(part)
            content = .items(items)
        case .members(var members):
            content = .nothing
            members.append((key?.stringValue ?? "", part))
            content = .members(members)
        case .nothing, .value:
            break
        }
    }
}

/// The members of an object.
private struct Members<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: Node
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) {
        node.add(.null, key)
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        node.add(try JSONValueEncoder.json(of: value, path: codingPath + [key]), key)
    }

    // Most members are of these types: to find out at run time what is known here takes longer than to write them.

    mutating func encode(_ value: String, forKey key: Key) { node.add(value.json, key) }
    mutating func encode(_ value: Bool, forKey key: Key) { node.add(value.json, key) }
    mutating func encode(_ value: Int, forKey key: Key) { node.add(value.json, key) }
    mutating func encode(_ value: Double, forKey key: Key) { node.add(value.json, key) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(for: key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(for: key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        encoder(for: JSONKey(stringValue: "super"))
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        encoder(for: key)
    }

    private func encoder(for key: any CodingKey) -> JSONValueEncoder {
        JSONValueEncoder(node: node.addNode(key), codingPath: codingPath + [key])
    }
}

/// The items of a list.
private struct Items: UnkeyedEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    var count: Int { node.count }

    mutating func encodeNil() {
        node.add(.null)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        node.add(try JSONValueEncoder.json(of: value, path: codingPath + [JSONKey(index: count)]))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        encoder()
    }

    private func encoder() -> JSONValueEncoder {
        let path = codingPath + [JSONKey(index: count)]
        return JSONValueEncoder(node: node.addNode(), codingPath: path)
    }
}

/// A value that is nothing but one other.
private struct Single: SingleValueEncodingContainer {
    let node: Node
    let codingPath: [any CodingKey]

    mutating func encodeNil() {
        node.set(.null)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        node.set(try JSONValueEncoder.json(of: value, path: codingPath))
    }
}
