/// A value as it was found, before it is given a meaning: from the file, a variable or a flag.
struct SourceValue {
    /// The value's shape.
    enum Content {
        /// `isPlain` tells that the scalar stands in the file without quotes, where YAML gives `true` and `~` a meaning.
        case scalar(String, isPlain: Bool)
        case list([SourceValue])
        case mapping([Entry])
    }

    /// A key and its value.
    struct Entry {
        let key: String
        /// Where the key stands.
        let keyOrigin: Origin
        let value: SourceValue
    }

    let content: Content
    let origin: Origin

    /// A value of any shape.
    init(_ content: Content, at origin: Origin) {
        self.content = content
        self.origin = origin
    }

    /// A text from a variable or a flag.
    init(text: String, from origin: Origin) {
        self.init(.scalar(text, isPlain: false), at: origin)
    }

    /// Whether this is YAML's null: `key:` with nothing behind it, or `~`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What a message says was found: `a list`, `nothing`, `'4k'`.
    var summary: String {
        switch content {
        case .list: "a list"
        case .mapping: "a mapping"
        case .scalar(let text, _): isNull ? "nothing" : Self.quoted(text)
        }
    }

    /// A text in single quotes, cut short when it is long.
    static func quoted(_ text: String) -> String {
        let shown = text.count > 60 ? text.prefix(57) + "…" : text[...]
        return "'\(shown)'"
    }
}
