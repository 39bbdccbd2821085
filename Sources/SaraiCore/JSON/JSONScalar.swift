/// A type that is one JSON value, so that neither way needs a container.
protocol JSONScalar {
    /// Reads a value; `nil` if it is of another kind, or does not fit.
    init?(json: JSONValue)
    /// The value.
    var json: JSONValue { get }
}

extension JSONValue: JSONScalar {
    init?(json: JSONValue) {
        self = json
    }

    var json: JSONValue { self }
}

extension String: JSONScalar {
    init?(json: JSONValue) {
        guard case .string(let text) = json else {
            return nil
        }
        self = text
    }

    var json: JSONValue { .string(self) }
}

extension Bool: JSONScalar {
    init?(json: JSONValue) {
        guard case .bool(let value) = json else {
            return nil
        }
        self = value
    }

    var json: JSONValue { .bool(self) }
}

extension Double: JSONScalar {
    init?(json: JSONValue) {
        switch json {
        case .integer(let value): self.init(value)
        case .number(let value): self = value
        case .decimal(let text):
            guard let value = Double(text), value.isFinite else {
                return nil
            }
            self = value
        default: return nil
        }
    }

    var json: JSONValue { .number(self) }
}

extension Float: JSONScalar {
    init?(json: JSONValue) {
        guard let value = Double(json: json), Float(value).isFinite else {
            return nil
        }
        self.init(value)
    }

    // As a Double it would be written with digits that it does not have.
    var json: JSONValue { isFinite ? .decimal("\(self)") : .null }
}

extension FixedWidthInteger {
    init?(json: JSONValue) {
        switch json {
        case .integer(let value): self.init(exactly: value)
        case .number(let value): self.init(exactly: value)
        case .decimal(let text): self.init(text)
        default: return nil
        }
    }

    var json: JSONValue { Int(exactly: self).map(JSONValue.integer) ?? .decimal("\(self)") }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
