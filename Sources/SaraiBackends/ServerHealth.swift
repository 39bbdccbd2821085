/// What a server of the network says of itself.
package struct ServerHealth: Hashable, Sendable {
    /// The names of the models that it has.
    package let models: Set<String>
    /// The names of those that are loaded; empty where the server does not tell.
    package let loaded: Set<String>
    /// From the question to the first byte of the answer; where there was no connection yet, that includes making one.
    package let firstByte: Duration

    /// What a server said.
    package init(models: Set<String>, loaded: Set<String>, firstByte: Duration) {
        self.models = models
        self.loaded = loaded
        self.firstByte = firstByte
    }

    /// Whether the server has a model.
    package func has(_ model: String) -> Bool {
        Self.contains(models, model)
    }

    /// Whether the server has a model loaded.
    package func hasLoaded(_ model: String) -> Bool {
        Self.contains(loaded, model)
    }

    /// In Ollama's names `m` is short for `m:latest`.
    private static func contains(_ names: Set<String>, _ model: String) -> Bool {
        let tag = ":latest"
        let short = model.hasSuffix(tag) ? String(model.dropLast(tag.count)) : model
        return names.contains(short) || names.contains(short + tag)
    }
}
