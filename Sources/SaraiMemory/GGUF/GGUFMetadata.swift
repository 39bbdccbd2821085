/// The metadata of a GGUF file, in the file's order.
package struct GGUFMetadata: Hashable, Sendable {
    /// A key and its value.
    package struct Entry: Hashable, Sendable {
        /// `llama.context_length`.
        package let key: String
        /// What the file says.
        package let value: GGUFValue
    }

    /// All entries, in the file's order.
    package private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    /// No entries.
    package init() {}

    /// The value of `key`, if there is one.
    package subscript(key: String) -> GGUFValue? {
        positions[key].map { entries[$0].value }
    }

    /// Adds an entry.
    ///
    /// - Returns: `false`, and nothing is added, if the key is there already.
    mutating func append(key: String, value: GGUFValue) -> Bool {
        guard positions[key] == nil else {
            return false
        }
        positions[key] = entries.count
        entries.append(Entry(key: key, value: value))
        return true
    }
}
