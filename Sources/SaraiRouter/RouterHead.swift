/// A trained classifier of requests: what does one need, by its sentence embedding and its words?
package struct RouterHead: Sendable {
    /// The embedding model whose vectors it takes.
    package let embedding: TrainedEmbedding
    /// Whose logits are added.
    private let classifiers: [Classifier]
    /// What is added for the text's n-grams; a file without it looks at the embedding alone.
    private let ngrams: NgramTable?
    private let calibration: Calibration
    /// Within this distance of ½ a score of `hard` or `soft` is too close to call.
    private let abstain: Double
    /// From this score on `web_query` counts as given.
    private let webThreshold: Double

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - bytes: a safetensors file of format `sarai-router-1`; nothing in it is trusted.
    ///   - file: what errors call it.
    /// - Throws: what is wrong with the file.
    package init(
        safetensors bytes: some Collection<UInt8>, file: String = "the router's head"
    ) throws(RouterFileError) {
        let file = try Safetensors(parsing: bytes, file: file, format: "sarai-router-1")
        embedding = try TrainedEmbedding(file)
        calibration = try Calibration(file)
        abstain = try file.number("abstain", in: 0...0.5)
        webThreshold = try file.number("web_threshold", in: 0...1)
        ngrams = file.has("ngrams.weight") ? try NgramTable(file, tensor: "ngrams.weight") : nil
        let kinds = try file.text("kind").split(separator: ",", omittingEmptySubsequences: false)
        guard Set(kinds).count == kinds.count else {
            let text = kinds.joined(separator: ",")
            throw RouterFileError(file.name, "its metadata has kind = '\(text)', one of them twice")
        }
        var classifiers: [Classifier] = []
        for kind in kinds {
            classifiers.append(try Classifier(kind, file, inputs: embedding.dimensions))
        }
        self.classifiers = classifiers
    }

    /// Scores a text.
    ///
    /// - Parameters:
    ///   - vector: L2-normalised, of the text with the embedding's prefix.
    ///   - text: the text without it.
    /// - Returns: the scores; ``RouteScores/unknown`` for a vector of another length, or of what is no numbers.
    package func scores(_ vector: [Float], text: String) -> RouteScores {
        guard vector.count == embedding.dimensions else {
            return .unknown
        }
        let logits = vector.withUnsafeBufferPointer { vector in
            classifiers.reduce(.zero) { $0 + $1.logits(vector) }
        }
        return calibration.scores(ngrams.map { logits + $0.logits(text) } ?? logits)
    }

    /// What scores of this head come to.
    package func labels(of scores: RouteScores) -> RouteLabels {
        RouteLabels(scores, webThreshold: webThreshold, margin: abstain)
    }
}
