/// Reads one JSON document (RFC 8259) of UTF-8, strictly: what it does not say is an error, not a guess.
struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private let maximumDepth: Int
    private var position = 0

    /// A parser at the beginning of `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// Reads the document, which must be all that is there.
    mutating func document() throws(JSONParsingError) -> JSONValue {
        let value = try value(depth: 1)
        skipSpace()
        guard position == bytes.count else {
            throw error("more follows after the end of the document")
        }
        return value
    }

    private mutating func value(depth: Int) throws(JSONParsingError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return try number()
        case nil: throw error("the document ends too early")
        default: throw error("expected a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONParsingError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        guard !skip(UInt8(ascii: "}")) else {
            return object
        }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else {
                throw error("expected a member's name in quotes")
            }
            let key = try string()
            guard skip(UInt8(ascii: ":")) else {
                throw error("expected ':' after a member's name")
            }
            // Of members with the same name, the last one counts, as in most languages.
            object[key] = try value(depth: depth + 1)
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else {
            throw error("expected ',' or '}' after a member")
        }
        return object
    }

    private mutating func array(depth: Int) throws(JSONParsingError) -> [JSONValue] {
        try enter(depth)
        var items: [JSONValue] = []
        guard !skip(UInt8(ascii: "]")) else {
            return items
        }
        repeat {
            items.append(try value(depth: depth + 1))
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else {
            throw error("expected ',' or ']' after an item")
        }
        return items
    }

    /// Goes past an opening bracket. What nests too deep would exhaust the stack, here or where it is read.
    private mutating func enter(_ depth: Int) throws(JSONParsingError) {
        guard depth <= maximumDepth else {
            throw error("objects and lists nest deeper than \(maximumDepth) levels")
        }
        position += 1
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONParsingError) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: end - position))
        else {
            throw error("expected a value")
        }
        position = end
        return value
    }

    // MARK: Numbers

    private mutating func number() throws(JSONParsingError) -> JSONValue {
        let start = position
        if next == UInt8(ascii: "-") {
            position += 1
        }
        let whole = try digits()
        guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
            throw error("a number begins with a superfluous 0")
        }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            _ = try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") {
                position += 1
            }
            _ = try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            return Int(text).map(JSONValue.integer) ?? .decimal(text)
        }
        guard let value = Double(text), Self.isKept(text, as: value) else {
            return .decimal(text)
        }
        return .number(value)
    }

    private mutating func digits() throws(JSONParsingError) -> Int {
        let start = position
        while let byte = next, Self.isDigit(byte) {
            position += 1
        }
        guard position > start else {
            throw error("expected a digit")
        }
        return position - start
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether a decimal number comes back from a `Double` as it went in. That is certain up to 15 digits.
    private static func isKept(_ text: String, as value: Double) -> Bool {
        let mantissa = text.utf8.prefix { $0 != UInt8(ascii: "e") && $0 != UInt8(ascii: "E") }
        let digits = mantissa.filter(isDigit).drop { $0 == UInt8(ascii: "0") }
        return digits.isEmpty || digits.count <= 15 && value.isNormal
    }

    // MARK: Strings

    private mutating func string() throws(JSONParsingError) -> String {
        position += 1
        let start = position
        position = JSONPlainText.end(in: bytes, from: position)
        if next == UInt8(ascii: "\"") {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        var unescaped = Array(bytes[start..<position])
        while next == UInt8(ascii: "\\") {
            try escape(into: &unescaped)
            let start = position
            position = JSONPlainText.end(in: bytes, from: position)
            unescaped += bytes[start..<position]
        }
        guard next == UInt8(ascii: "\"") else {
            throw error(next == nil ? "the document ends in a string" : "a control character stands in a string")
        }
        defer { position += 1 }
        return try text(unescaped)
    }

    private func text(_ bytes: some Collection<UInt8>) throws(JSONParsingError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error("a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(JSONParsingError) {
        position += 1
        let letter = next
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter ?? 0)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes += Array(String(try escapedScalar()).utf8)
        default: throw error("an escape in a string that JSON does not have")
        }
    }

    /// The character of `\uXXXX`, or of two such that are a surrogate pair.
    private mutating func escapedScalar() throws(JSONParsingError) -> Unicode.Scalar {
        var code = try hexadecimal()
        if code & 0xFC00 == 0xD800, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
            position += 2
            let low = try hexadecimal()
            // Anything else is half a character, which the initialiser below refuses.
            code = low & 0xFC00 == 0xDC00 ? 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF : code
        }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("half a character in a string (an unpaired surrogate)")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONParsingError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else {
            throw error("expected four hexadecimal digits")
        }
        position += 4
        return code
    }

    // MARK: Bytes

    private var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    /// Goes past `byte` and the space before it, if it comes next.
    private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else {
            return false
        }
        position += 1
        return true
    }

    private func error(_ message: String) -> JSONParsingError {
        JSONParsingError(message: message, offset: position)
    }
}
