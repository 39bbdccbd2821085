import SaraiCore

/// A section of the file: its keys and their defaults.
struct Section<Draft: Sendable>: Sendable {
    /// The section's name in the file.
    let name: String
    /// What the section is about, in one sentence.
    let summary: String
    /// The values of all keys when nobody sets them.
    let defaults: Draft
    /// The keys, in the order of the reference page.
    let keys: [ConfigurationKey<Draft>]

    /// The section without its type, for the schema and the reference page.
    var description: SectionDescription {
        SectionDescription(
            name: name,
            summary: summary,
            keys: keys.map { key in
                KeyDescription(
                    name: key.name, noun: key.noun, summary: key.summary,
                    variable: key.variable, flag: key.flag,
                    defaultText: key.defaultText ?? key.render(defaults),
                    defaultValue: key.json(defaults), schema: key.schema)
            })
    }
}

/// What the schema and the reference page say about a section.
struct SectionDescription: Sendable {
    let name: String
    let summary: String
    let keys: [KeyDescription]
}

/// What the schema and the reference page say about a key.
struct KeyDescription: Sendable {
    let name: String
    let noun: String
    let summary: String
    let variable: OverridingVariable?
    let flag: String?
    /// The default in words; `nil` when there is none.
    let defaultText: String?
    /// The default in JSON; `nil` when there is none, or when it depends on something.
    let defaultValue: JSONValue?
    let schema: JSONValue
}
