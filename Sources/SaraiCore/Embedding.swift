/// A request for embeddings.
public struct EmbeddingRequest: Hashable, Sendable {
    /// The texts, each of which becomes one vector.
    public var inputs: [String]
    /// Whether an input that is too long is cut (`true`) or refused.
    public var truncate: Bool
    /// The length that vectors are cut to; `nil` is the model's own. Only vectors of models that were trained for it keep their sense.
    public var dimensions: Int?
    /// How long a server that loads models by itself is to keep this one afterwards; `nil` leaves it to the server.
    public var keepAlive: KeepAlive?

    /// A request for one vector per input.
    public init(inputs: [String], truncate: Bool = true, dimensions: Int? = nil) {
        self.inputs = inputs
        self.truncate = truncate
        self.dimensions = dimensions
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

extension EmbeddingResult {
    /// The vectors cut to a length, and normalised again; as they are where none is given.
    ///
    /// - Throws: ``PoolError`` with `invalidRequest` where they are shorter than that.
    package func cut(to dimensions: Int?) throws(PoolError) -> EmbeddingResult {
        guard let dimensions else {
            return self
        }
        var result = self
        for (index, vector) in vectors.enumerated() {
            guard vector.count >= dimensions else {
                throw PoolError(
                    .invalidRequest, "dimensions: \(dimensions) asked for, but the model's vectors have \(vector.count)"
                )
            }
            let beginning = vector.prefix(dimensions)
            let length = beginning.reduce(0) { $0 + $1 * $1 }.squareRoot()
            result.vectors[index] = beginning.map { length > 0 ? $0 / length : $0 }
        }
        return result
    }
}
