/// A trained classifier of requests: what does one need, by its sentence embedding and its words?
package struct RouterHead: Sendable {
    /// The embedding model whose vectors it takes.
    package let embedding: TrainedEmbedding
    private let classifier: Classifier
    /// What is added for the text's n-grams; a file without it looks at the embedding alone.
    private let ngrams: NgramTable?
    private let calibration: Calibration
    /// Within this distance of ½ a score is too close to call.
    private let abstain: Double

    /// The kinds of head; the training decides which one is shipped as the best.
    private enum Classifier: Sendable {
        case kernel(KernelHead)
        case logistic(LogisticHead)
        case neighbours(NeighboursHead)
        case recursive(RecursiveHead)
    }

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
        ngrams = file.has("ngrams.weight") ? try NgramTable(file, tensor: "ngrams.weight") : nil
        let kind = try file.text("kind")
        switch kind {
        case "kernel":
            classifier = .kernel(try KernelHead(file, inputs: embedding.dimensions))
        case "logistic":
            classifier = .logistic(try LogisticHead(file, inputs: embedding.dimensions))
        case "knn":
            classifier = .neighbours(try NeighboursHead(file, inputs: embedding.dimensions))
        case "trm":
            classifier = .recursive(try RecursiveHead(file, inputs: embedding.dimensions))
        default:
            let known = "known are trm, kernel, logistic and knn"
            throw RouterFileError(file.name, "kind '\(kind)' is not known", remedy: known)
        }
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
            switch classifier {
            case .kernel(let head): head.logits(vector)
            case .logistic(let head): head.logits(vector)
            case .neighbours(let head): head.logits(vector)
            case .recursive(let head): head.logits(vector)
            }
        }
        return calibration.scores(ngrams.map { logits + $0.logits(text) } ?? logits)
    }

    /// Whether no score is too close to ½ to act on.
    package func isSure(of scores: RouteScores) -> Bool {
        [scores.hard, scores.soft, scores.webQuery].allSatisfy { abs($0 - 0.5) > abstain }
    }
}
