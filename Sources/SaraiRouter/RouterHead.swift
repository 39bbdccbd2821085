/// A trained classifier of sentence embeddings: what does the request behind a vector need?
package struct RouterHead: Sendable {
    /// The embedding model whose vectors it takes.
    package let embedding: TrainedEmbedding
    private let classifier: Classifier
    private let calibration: Calibration
    /// Within this distance of ½ a score is too close to call.
    private let abstain: Double

    /// The kinds of head; the training decides which one is shipped as the best.
    private enum Classifier: Sendable {
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
        let kind = try file.text("kind")
        switch kind {
        case "logistic":
            classifier = .logistic(try LogisticHead(file, inputs: embedding.dimensions))
        case "knn":
            classifier = .neighbours(try NeighboursHead(file, inputs: embedding.dimensions))
        case "trm":
            classifier = .recursive(try RecursiveHead(file, inputs: embedding.dimensions))
        default:
            throw RouterFileError(file.name, "kind '\(kind)' is not known", remedy: "known are trm, logistic and knn")
        }
    }

    /// Scores a text by its vector.
    ///
    /// - Parameter vector: L2-normalised, of the text with the embedding's prefix.
    /// - Returns: the scores; ``RouteScores/unknown`` for a vector of another length, or of what is no numbers.
    package func scores(_ vector: [Float]) -> RouteScores {
        guard vector.count == embedding.dimensions else {
            return .unknown
        }
        return vector.withUnsafeBufferPointer { vector in
            switch classifier {
            case .logistic(let head): calibration.scores(head.logits(vector))
            case .neighbours(let head): calibration.scores(head.logits(vector))
            case .recursive(let head): calibration.scores(head.logits(vector))
            }
        }
    }

    /// Whether no score is too close to ½ to act on.
    package func isSure(of scores: RouteScores) -> Bool {
        [scores.hard, scores.soft, scores.webQuery].allSatisfy { abs($0 - 0.5) > abstain }
    }
}
