/// Why a fault cannot be understood.
package struct FaultError: Error, CustomStringConvertible {
    /// What is wrong, for the person who wrote the fault.
    package let description: String

    /// An error.
    package init(_ description: String) {
        self.description = description
    }
}

/// The keys and values of a fault, in which its text and its JSON are the same.
struct FaultFields {
    /// A value. What comes from a text is always `text`.
    enum Value: Hashable, Sendable {
        case integer(Int)
        case number(Double)
        case bool(Bool)
        case text(String)
    }

    private var values: [String: Value]

    /// Fields that come from JSON.
    init(_ values: [String: Value]) {
        self.values = values
    }

    /// Fields that come from a text such as `reset,after_bytes=200`.
    ///
    /// - Throws: ``FaultError`` for what is not `key=value`, and for a key that comes twice.
    init(text: String) throws(FaultError) {
        values = [:]
        var rest = text[...]
        var isFirst = true
        while !rest.isEmpty {
            // A body is often JSON, which is full of commas, so it goes on to the end.
            let end = rest.hasPrefix("body=") ? rest.endIndex : rest.firstIndex(of: ",") ?? rest.endIndex
            let item = rest[..<end]
            rest = end < rest.endIndex ? rest[rest.index(after: end)...] : ""
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if isFirst, parts.count == 1 {
                values["fault"] = .text(String(item))
            } else if parts.count == 2 {
                guard values.updateValue(.text(String(parts[1])), forKey: String(parts[0])) == nil else {
                    throw FaultError("'\(parts[0])' comes twice in '\(text)'")
                }
            } else {
                throw FaultError("'\(item)' in '\(text)' is not key=value")
            }
            isFirst = false
        }
    }

    /// Whether there is a value for a key that was not taken out yet.
    func has(_ key: String) -> Bool {
        values[key] != nil
    }

    /// Takes a text out.
    mutating func takeText(_ key: String) throws(FaultError) -> String? {
        switch values.removeValue(forKey: key) {
        case nil: nil
        case .text(let text): text
        default: throw FaultError("'\(key)' must be a text")
        }
    }

    /// Takes a whole number out.
    mutating func takeInteger(_ key: String, atLeast minimum: Int = 0) throws(FaultError) -> Int? {
        guard let value = values.removeValue(forKey: key) else {
            return nil
        }
        let number: Int? =
            switch value {
            case .integer(let number): number
            case .text(let text): Int(text)
            default: nil
            }
        guard let number, number >= minimum else {
            throw FaultError("'\(key)' must be a whole number, \(minimum) or more")
        }
        return number
    }

    /// Takes a share, 0…1, out.
    mutating func takeShare(_ key: String) throws(FaultError) -> Double? {
        guard let value = values.removeValue(forKey: key) else {
            return nil
        }
        let number: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            case .text(let text): Double(text)
            default: nil
            }
        guard let number, (0...1).contains(number) else {
            throw FaultError("'\(key)' must be a number from 0 to 1")
        }
        return number
    }

    /// Takes true or false out.
    mutating func takeBool(_ key: String) throws(FaultError) -> Bool? {
        switch values.removeValue(forKey: key) {
        case nil: nil
        case .bool(let value): value
        case .text("true"): true
        case .text("false"): false
        default: throw FaultError("'\(key)' must be true or false")
        }
    }

    /// Takes a whole number out that must be there.
    mutating func requireInteger(_ key: String, atLeast minimum: Int, for fault: String) throws(FaultError) -> Int {
        guard let number = try takeInteger(key, atLeast: minimum) else {
            throw FaultError("'\(fault)' needs '\(key)'")
        }
        return number
    }

    /// Makes sure that nothing is left.
    ///
    /// - Throws: ``FaultError`` that names a key that this fault does not have.
    func requireEmpty(for fault: String) throws(FaultError) {
        if let key = values.keys.min() {
            throw FaultError("'\(fault)' has no '\(key)'")
        }
    }
}
