/// A value of GGUF metadata.
package enum GGUFValue: Hashable, Sendable {
    /// Any of the integer types.
    case integer(Int)
    /// An unsigned 64-bit value above `Int.max`.
    case unsigned(UInt64)
    /// Either of the floating-point types.
    case number(Double)
    case bool(Bool)
    /// Text; bytes that are not UTF-8 are replaced.
    case string(String)
    case array(GGUFArray)

    /// The value of an integer; `nil` for anything else.
    package var intValue: Int? {
        guard case .integer(let value) = self else {
            return nil
        }
        return value
    }

    /// The value of a boolean; `nil` for anything else.
    package var boolValue: Bool? {
        guard case .bool(let value) = self else {
            return nil
        }
        return value
    }

    /// The value of a string; `nil` for anything else.
    package var stringValue: String? {
        guard case .string(let value) = self else {
            return nil
        }
        return value
    }

    /// An array; `nil` for anything else.
    package var arrayValue: GGUFArray? {
        guard case .array(let value) = self else {
            return nil
        }
        return value
    }
}

/// An array of GGUF metadata: its type and count always, its elements if there are few.
package struct GGUFArray: Hashable, Sendable {
    /// The type of the elements.
    package let elementType: GGUFValueType
    /// How many there are.
    package let count: Int
    /// The elements; `nil` if there were too many, or if they are arrays. See ``GGUFLimits/decodedArrayElements``.
    package let elements: [GGUFValue]?
    /// Bytes that the elements take in the file, their length prefixes included.
    package let byteCount: Int

    /// An array.
    package init(elementType: GGUFValueType, count: Int, elements: [GGUFValue]?, byteCount: Int) {
        self.elementType = elementType
        self.count = count
        self.elements = elements
        self.byteCount = byteCount
    }
}
