/// A request for embeddings.
public struct EmbeddingRequest: Hashable, Sendable {
    /// The texts, each of which becomes one vector.
    public var inputs: [String]
    /// Whether an input that is too long is cut (`true`) or refused.
    public var truncate: Bool

    /// A request for one vector per input.
    public init(inputs: [String], truncate: Bool = true) {
        self.inputs = inputs
        self.truncate = truncate
    }
}

/// Embeddings, in the order of the inputs.
public struct EmbeddingResult: Hashable, Sendable {
    /// One vector per input, of the model's dimension, L2-normalised.
    public var vectors: [[Float]]
    /// Tokens of all the inputs together.
    public var promptTokens: Int

    /// The vectors and what they took.
    public init(vectors: [[Float]], promptTokens: Int) {
        self.vectors = vectors
        self.promptTokens = promptTokens
    }
}
