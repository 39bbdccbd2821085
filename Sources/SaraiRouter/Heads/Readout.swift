/// Reads the labels, and whether to go on, from the answer of the recursive network.
struct Readout: Sendable {
    private let weight: [Float]
    private let bias: SIMD3<Double>
    /// A linear way past the network, from the embedding, `[3, inputs]`.
    private let skip: [Float]?
    private let halt: Halt?

    /// Decides whether the answer is good enough.
    private struct Halt: Sendable {
        let weight: [Float]
        let bias: Double
    }

    /// Reads the tensors `head.*`, `skip.weight` if it is there, and `halt.*` if the key `halt` says so.
    init(_ file: Safetensors, inputs: Int, channels: Int) throws(RouterFileError) {
        weight = try file.tensor("head.weight", [3, channels]).values
        bias = SIMD3(SIMD3(try file.tensor("head.bias", [3]).values))
        skip = file.has("skip.weight") ? try file.tensor("skip.weight", [3, inputs]).values : nil
        guard file.metadata["halt"] == "true" else {
            halt = nil
            return
        }
        let bias = try file.tensor("halt.bias", [1]).values
        halt = Halt(weight: try file.tensor("halt.weight", [1, channels]).values, bias: Double(bias[0]))
    }

    /// The logits, from the mean of the answer's tokens and the embedding.
    func logits(_ mean: UnsafeMutablePointer<Double>, _ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        let logits = UnsafeBufferPointer(start: mean, count: weight.count / 3).labelled(weight) + bias
        return skip.map { logits + vector.labelled($0) } ?? logits
    }

    /// Whether the answer needs no further step.
    func halts(_ mean: UnsafeMutablePointer<Double>) -> Bool {
        guard let halt else {
            return false
        }
        return halt.weight.indices.reduce(halt.bias) { $0 + mean[$1] * Double(halt.weight[$1]) } > 0
    }
}
