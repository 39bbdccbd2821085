/// Writes JSON values as text, without spaces.
struct JSONWriter {
    /// What was written so far, UTF-8.
    private(set) var bytes: [UInt8] = []

    /// Writes a value.
    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += "\(value)".utf8
        case .number(let value): write(value)
        case .decimal(let text): bytes += text.utf8
        case .string(let text): write(text)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 {
                    bytes.append(UInt8(ascii: ","))
                }
                write(item)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 {
                    bytes.append(UInt8(ascii: ","))
                }
                write(member.key)
                bytes.append(UInt8(ascii: ":"))
                write(member.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func write(_ value: Double) {
        if let whole = Int(exactly: value), whole.magnitude < 1 << 53 {
            bytes += "\(whole)".utf8
        } else {
            // JSON has no word for infinities and NaN.
            bytes += (value.isFinite ? "\(value)" : "null").utf8
        }
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            let source = UnsafeRawBufferPointer(utf8)
            var position = 0
            while true {
                let end = JSONPlainText.end(in: source, from: position)
                bytes += source[position..<end]
                guard end < source.count else {
                    break
                }
                bytes += JSONPlainText.escape(source[end]).utf8
                position = end + 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
