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
    /// Finds values that are right by themselves and not together.
    var contradiction: @Sendable (Draft) -> Contradiction? = { _ in nil }

    /// Values that are right by themselves and not together.
    struct Contradiction: Sendable {
        /// The keys concerned; the first of them that somebody set is at fault.
        let keys: [String]
        /// What is wrong and what to do.
        let message: String
    }

    /// The section without its type, for the schema and the reference page.
    var description: SectionDescription {
        SectionDescription(
            name: name,
            summary: summary,
            keys: keys.map { key in
                KeyDescription(
                    name: key.name, noun: key.noun, summary: key.summary,
                    variable: key.variable, flag: key.flag, effect: key.effect, isRequired: key.isRequired,
                    defaultText: key.defaultText ?? key.render(defaults),
                    defaultValue: key.json(defaults), schema: key.schema)
            })
    }
}

extension Section {
    /// Every value in effect and its origin; `isRelevant` tells whether to list a key that nobody set.
    func effectiveValues(
        of result: SectionReader<Draft>.Result, at keyPath: String,
        where isRelevant: (ConfigurationKey<Draft>) -> Bool
    ) -> [EffectiveValue] {
        keys.flatMap { key -> [EffectiveValue] in
            let path = "\(keyPath).\(key.name)"
            let inner = key.inner(result.draft, path)
            guard inner.isEmpty else {
                return inner
            }
            let origin = result.origins[key.name] ?? .default
            guard origin != .default || isRelevant(key),
                let value = key.render(result.draft) ?? key.defaultText?.replacing("`", with: "")
            else {
                return []
            }
            return [EffectiveValue(keyPath: path, value: value, origin: origin)]
        }
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
    let effect: Effect
    let isRequired: Bool
    /// The default in words; `nil` when there is none.
    let defaultText: String?
    /// The default in JSON; `nil` when there is none, or when it depends on something.
    let defaultValue: JSONValue?
    let schema: JSONValue
}
