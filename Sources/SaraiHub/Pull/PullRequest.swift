package import SaraiConfiguration
package import SaraiCore

/// What somebody asks to be fetched: a model of the configuration by its name, or a source.
package struct PullRequest: Hashable, Sendable {
    /// Where the files come from.
    package let source: ModelSource
    /// Where they go.
    package let destination: PullDestination
    /// The model of the configuration that they are for; `nil` for what the configuration does not know yet.
    package let model: ModelName?

    /// Reads what somebody writes.
    ///
    /// - Parameters:
    ///   - text: `solar`, `hf.co/ORG/REPO:QUANT`, `https://HOST/FILE.gguf`.
    ///   - models: those of the configuration.
    ///   - folder: where models go that the configuration does not know.
    ///   - allowsAddresses: whether the text may name a server. Only a person at the command line may; a request could use
    ///     it to reach what only this machine can.
    /// - Throws: ``HubError`` that says what can be asked for.
    package init(
        _ text: String, models: [ModelConfiguration], folder: String, allowsAddresses: Bool
    ) throws(HubError) {
        guard !text.contains("://"), !ModelSource.isHub(text) else {
            do throws(InvalidModelSource) {
                source = try ModelSource(parsing: text)
            } catch {
                throw HubError(.refused, error.description)
            }
            if case .url = source.place, !allowsAddresses {
                throw HubError(
                    .refused, "an address of a file is not fetched by a request: name a model, or hf.co/ORG/REPO")
            }
            (destination, model) = (.folder(folder), nil)
            return
        }
        guard let name = ModelName(text), let model = models.first(where: { $0.name == name }) else {
            let suggestion = Suggestion.sentence(for: text, among: models.map(\.name.rawValue))
            throw HubError(
                .notFound,
                "no model '\(text.prefix(140))' in the configuration.\(suggestion) Else write \(ModelSource.noun)")
        }
        guard let target = model.localTarget, let gguf = target.gguf else {
            throw HubError(
                .refused, "model '\(name)' has no GGUF file on this machine: there is nothing to fetch for it")
        }
        guard let source = target.source else {
            throw HubError(
                .refused,
                """
                model '\(name)' does not say where its file comes from: add 'source: hf.co/ORG/REPO:QUANT' to \
                models.\(name) in the configuration
                """)
        }
        self.source = source
        destination = .paths(gguf: gguf, mmproj: target.mmproj)
        self.model = name
    }
}
