import SaraiCore

extension ValueType where Value == ServerEntry {
    /// A server: a URL, or a mapping of it and what holds for this server alone.
    static let server = ValueType(
        noun: ServerURL.noun,
        schema: .object([
            "anyOf": .array([ValueType<ServerURL>.serverURL.schema, .object(["$ref": .string("#/$defs/server")])])
        ]),
        read: { value, reader in
            guard case .mapping = value.content else {
                return ValueType<ServerURL>.serverURL.read(value, &reader).map { ServerEntry(url: $0) }
            }
            let draft = reader.readMapping(value, of: ConfigurationSchema.serverEntry).draft
            return draft.url.map {
                ServerEntry(
                    url: $0, capacity: draft.capacity, apiKey: draft.apiKey ?? draft.apiKeyFile?.secret,
                    authorities: draft.authorities)
            }
        },
        render: { server in
            server.capacity.map { "{url: \(server.url.text), capacity: \($0)}" } ?? server.url.text
        },
        json: { .string($0.url.text) }
    )
}

extension ValueType where Value == SectionReader<TargetDraft>.Result {
    /// An entry of `targets`.
    static let target = ValueType(
        noun: targetNoun,
        schema: .object(["$ref": .string("#/$defs/target")]),
        read: { value, reader in
            guard case .mapping = value.content else {
                reader.report(expected: targetNoun, found: value)
                return nil
            }
            return reader.readMapping(value, of: ConfigurationSchema.targetEntry)
        },
        render: { $0.draft.backend?.rawValue ?? "" },
        json: { _ in .null },
        inner: { result, keyPath in
            ConfigurationSchema.targetEntry.effectiveValues(of: result, at: keyPath) { key in
                key.needs.isMet(by: Set([result.draft.backend].compactMap(\.self)))
            }
        }
    )

    private static var targetNoun: String { "a mapping that begins with 'backend:'" }
}
