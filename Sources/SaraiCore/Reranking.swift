/// A request for how well documents answer a query.
public struct RerankRequest: Hashable, Sendable {
    /// What is looked for.
    public var query: String
    /// The texts to be judged.
    public var documents: [String]

    /// A request for one score per document.
    public init(query: String, documents: [String]) {
        self.query = query
        self.documents = documents
    }
}

/// Scores, in the order of the documents.
public struct RerankResult: Hashable, Sendable {
    /// How well each document answers the query: more is better; the scale is the model's.
    public var scores: [Double]
    /// Tokens of all that was read.
    public var promptTokens: Int

    /// The scores and what they took.
    public init(scores: [Double], promptTokens: Int) {
        self.scores = scores
        self.promptTokens = promptTokens
    }
}
