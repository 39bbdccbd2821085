/// The type tags of GGUF metadata. Source: `enum gguf_type` in gguf.h.
package enum GGUFValueType: UInt32, Hashable, Sendable, CaseIterable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// Bytes of one value; `nil` where each value says its own length.
    package var fixedBytes: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }

    /// Bytes that one value takes at least: what bounds an array's count by the file's size.
    package var minimumBytes: Int {
        switch self {
        case .string: 8
        case .array: 12
        default: fixedBytes ?? 1
        }
    }
}
