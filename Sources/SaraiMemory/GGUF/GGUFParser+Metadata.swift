extension GGUFParser {
    /// Reads all keys and their values.
    mutating func parseMetadata(count: Int) throws(GGUFError) -> GGUFMetadata {
        var metadata = GGUFMetadata()
        for index in 0..<count {
            let start = cursor.offset
            let key = try parseKey(index: index)
            let type = try parseValueType("the type of key '\(key)'")
            let value = try parseValue(type, key: key)
            guard metadata.append(key: key, value: value) else {
                throw cursor.fault(.malformed, "key '\(key)' is there twice", at: start)
            }
        }
        return metadata
    }

    /// Reads a key: visible ASCII, as every known file has it, so that it can be printed as it is.
    private mutating func parseKey(index: Int) throws(GGUFError) -> String {
        let start = cursor.offset
        let range = try cursor.stringRange(limit: limits.keyBytes, "key \(index)")
        guard !range.isEmpty, cursor.bytes[range].allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw cursor.fault(.malformed, "key \(index) is empty or not visible ASCII", at: start)
        }
        return String(decoding: cursor.bytes[range], as: UTF8.self)
    }

    private mutating func parseValueType(_ field: @autoclosure () -> String) throws(GGUFError) -> GGUFValueType {
        let start = cursor.offset
        let tag: UInt32 = try cursor.integer(field())
        guard let type = GGUFValueType(rawValue: tag) else {
            throw cursor.fault(.malformed, "\(field()) is \(tag), which is not in use", at: start)
        }
        return type
    }

    private mutating func parseValue(_ type: GGUFValueType, key: String) throws(GGUFError) -> GGUFValue {
        guard type == .array else {
            return try parseScalar(type, key: key)
        }
        return .array(try parseArray(key: key, depth: 1))
    }

    private mutating func parseScalar(_ type: GGUFValueType, key: String) throws(GGUFError) -> GGUFValue {
        let field = "the value of key '\(key)'"
        switch type {
        case .uint8: return .integer(Int(try cursor.integer(field, as: UInt8.self)))
        case .int8: return .integer(Int(Int8(bitPattern: try cursor.integer(field))))
        case .uint16: return .integer(Int(try cursor.integer(field, as: UInt16.self)))
        case .int16: return .integer(Int(Int16(bitPattern: try cursor.integer(field))))
        case .uint32: return .integer(Int(try cursor.integer(field, as: UInt32.self)))
        case .int32: return .integer(Int(Int32(bitPattern: try cursor.integer(field))))
        case .int64: return .integer(Int(Int64(bitPattern: try cursor.integer(field))))
        case .uint64:
            let value: UInt64 = try cursor.integer(field)
            return Int(exactly: value).map(GGUFValue.integer) ?? .unsigned(value)
        case .float32: return .number(Double(Float(bitPattern: try cursor.integer(field))))
        case .float64: return .number(Double(bitPattern: try cursor.integer(field)))
        case .bool:
            let start = cursor.offset
            let value: UInt8 = try cursor.integer(field)
            guard value <= 1 else {
                throw cursor.fault(.malformed, "\(field) is \(value), but a boolean is 0 or 1", at: start)
            }
            return .bool(value == 1)
        case .string:
            let range = try cursor.stringRange(limit: limits.stringBytes, field)
            return .string(String(decoding: cursor.bytes[range], as: UTF8.self))
        case .array:
            return .array(try parseArray(key: key, depth: 1))
        }
    }

    /// Reads an array; of a long or nested one only type and count are kept.
    private mutating func parseArray(key: String, depth: Int) throws(GGUFError) -> GGUFArray {
        let type = try parseValueType("the element type of array '\(key)'")
        let start = cursor.offset
        guard type != .array || depth < limits.arrayDepth else {
            throw cursor.fault(.limitExceeded, "array '\(key)' is nested too deeply", at: start)
        }
        let count = try cursor.count(limit: .max, "the length of array '\(key)'")
        guard count <= cursor.remaining / type.minimumBytes else {
            throw cursor.fault(
                .truncated,
                "array '\(key)' has \(count) elements, more than fit in the \(cursor.remaining) bytes that follow",
                at: start)
        }
        let contentStart = cursor.offset
        var elements: [GGUFValue]?
        if type != .array, depth == 1, count <= limits.decodedArrayElements, count <= decodableElements {
            decodableElements -= count
            elements = try parseElements(type, count: count, key: key)
        } else {
            try skipElements(type, count: count, key: key, depth: depth)
        }
        return GGUFArray(
            elementType: type, count: count, elements: elements, byteCount: cursor.offset - contentStart)
    }

    private mutating func parseElements(
        _ type: GGUFValueType, count: Int, key: String
    ) throws(GGUFError) -> [GGUFValue] {
        var elements: [GGUFValue] = []
        for _ in 0..<count {
            elements.append(try parseScalar(type, key: key))
        }
        return elements
    }

    private mutating func skipElements(
        _ type: GGUFValueType, count: Int, key: String, depth: Int
    ) throws(GGUFError) {
        if let bytes = type.fixedBytes {
            // Cannot overflow: the count is bounded by the bytes that are left.
            _ = try cursor.take(count * bytes, "the elements of array '\(key)'")
            return
        }
        guard type == .array else {
            try cursor.skipStrings(count, limit: limits.stringBytes, "an element of array '\(key)'")
            return
        }
        for _ in 0..<count {
            _ = try parseArray(key: key, depth: depth + 1)
        }
    }
}

extension GGUFValue {
    /// The value in an error message: short, whatever it is.
    var summary: String {
        switch self {
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .number(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let value): "'\(value.prefix(40))'"
        case .array(let value): "an array of \(value.count)"
        }
    }
}
