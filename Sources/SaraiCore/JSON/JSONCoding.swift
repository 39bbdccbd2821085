/// From bytes to types and back, with the order of an object's members kept: what a client wrote reaches the engine in its order.
///
/// Types are coded by their `Codable`; where one of them holds a ``JSONValue``, that is carried over as it is. A dictionary of more
/// than one member has no order to keep.
package enum JSONCoding {
    /// How deep objects and lists may nest in each other: far more than any request needs, schemas of tools included, and far less
    /// than would exhaust the stack of whoever reads them.
    package static let maximumDepth = 96

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - type: what it holds.
    ///   - bytes: UTF-8.
    /// - Returns: the value.
    /// - Throws: ``JSONParsingError``, or what the type's `Decodable` throws: `DecodingError`, with the path of the member that is wrong.
    package static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from bytes: UnsafeRawBufferPointer
    ) throws -> Value {
        var parser = JSONParser(bytes, maximumDepth: maximumDepth)
        return try decode(type, from: try parser.document())
    }

    /// Reads a text that holds a document; see ``decode(_:from:)-(_,UnsafeRawBufferPointer)``.
    package static func decode<Value: Decodable>(_ type: Value.Type = Value.self, from text: String) throws -> Value {
        var text = text
        return try text.withUTF8 { try decode(type, from: UnsafeRawBufferPointer($0)) }
    }

    /// Takes a value apart.
    ///
    /// - Throws: what the type's `Decodable` throws.
    package static func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, from value: JSONValue
    ) throws -> Value {
        try JSONValueDecoder(value, path: []).decode(type)
    }

    /// Writes a document, its members in the order in which the type encodes them.
    ///
    /// - Returns: UTF-8.
    /// - Throws: what the type's `Encodable` throws.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        var writer = JSONWriter()
        writer.write(try Self.value(of: value))
        return writer.bytes
    }

    /// A value as JSON; see ``encode(_:)``.
    package static func value(of value: some Encodable) throws -> JSONValue {
        try JSONValueEncoder.json(of: value, path: [])
    }

    /// Writes a document as text; see ``encode(_:)``.
    package static func text(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.write(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
