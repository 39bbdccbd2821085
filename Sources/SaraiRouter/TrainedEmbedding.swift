import SaraiCore

/// The embedding model that a head was trained on. The head is of no use with another one.
package struct TrainedEmbedding: Hashable, Sendable {
    /// The model's name.
    package let name: String
    /// What is put before every text: `query: `.
    package let prefix: String
    /// A text whose vector is known, without the prefix.
    package let probe: String
    /// The vector of ``probe``.
    let probeVector: [Float]

    /// From this cosine on two vectors of the probe are of one model: quantisations of one model are above it, other
    /// models far below.
    static let sameModel = 0.98

    /// Reads the keys `embedding`, `prefix` and `probe`, and the tensor `probe_vector`.
    init(_ file: Safetensors) throws(RouterFileError) {
        name = try file.text("embedding")
        prefix = try file.text("prefix")
        probe = try file.text("probe")
        probeVector = try file.tensor("probe_vector", [nil]).values
    }

    /// How many numbers the model's vectors have.
    package var dimensions: Int { probeVector.count }

    /// Whether a model is the one that the head was trained on.
    ///
    /// - Parameter vector: the model's vector of ``prefix`` and ``probe``.
    /// - Returns: `nil` if it is; otherwise a sentence that says why not and what to do.
    package func mismatch(with vector: [Float]) -> String? {
        let trained = "it was trained on '\(name)' with \(dimensions) dimensions"
        let remedy = "`make train-router EMBEDDING=FILE.gguf` trains one for router.file (docs/router.md)"
        guard vector.count == dimensions else {
            return "\(trained), and this model has \(vector.count); \(remedy)"
        }
        let cosine = vector.cosine(with: probeVector)
        guard cosine >= Self.sameModel else {
            let difference = "this model's vector of the same text is another one"
            return "\(trained), and \(difference) (cosine \(cosine.formatted(decimals: 2))); \(remedy)"
        }
        return nil
    }
}
