/// One of the kinds of classifiers of sentence embeddings; a head adds the logits of one or several.
enum Classifier: Sendable {
    case kernel(KernelHead)
    case logistic(LogisticHead)
    case neighbours(NeighboursHead)
    case recursive(RecursiveHead)

    /// Reads the classifier of a kind, as the files name them.
    init(_ kind: Substring, _ file: Safetensors, inputs: Int) throws(RouterFileError) {
        switch kind {
        case "kernel":
            self = .kernel(try KernelHead(file, inputs: inputs))
        case "logistic":
            self = .logistic(try LogisticHead(file, inputs: inputs))
        case "knn":
            self = .neighbours(try NeighboursHead(file, inputs: inputs))
        case "trm":
            self = .recursive(try RecursiveHead(file, inputs: inputs))
        default:
            let known = "known are trm, kernel, logistic and knn"
            throw RouterFileError(file.name, "kind '\(kind)' is not known", remedy: known)
        }
    }

    /// The logits of an embedding of the right length; no numbers for one without numbers.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        switch self {
        case .kernel(let head): head.logits(vector)
        case .logistic(let head): head.logits(vector)
        case .neighbours(let head): head.logits(vector)
        case .recursive(let head): head.logits(vector)
        }
    }
}
