/// Logistic regression on the embedding.
struct LogisticHead: Sendable {
    /// `[3, inputs]`.
    private let weight: [Float]
    private let bias: SIMD3<Double>

    /// Reads the tensors `weight` and `bias`.
    init(_ file: Safetensors, inputs: Int) throws(RouterFileError) {
        weight = try file.tensor("weight", [3, inputs]).values
        bias = SIMD3(SIMD3(try file.tensor("bias", [3]).values))
    }

    /// The logits of an embedding of the right length.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        vector.labelled(weight) + bias
    }
}

extension UnsafeBufferPointer where Element: BinaryFloatingPoint {
    /// The scalar product with each of three rows of weights, one per label.
    ///
    /// In double precision: embeddings have a large mean, whose share in the products cancels out.
    func labelled(_ weight: [Float]) -> SIMD3<Double> {
        weight.withUnsafeBufferPointer { weight in
            var sums = SIMD3<Double>.zero
            for index in 0..<count {
                let value = Double(self[index])
                sums.x += value * Double(weight[index])
                sums.y += value * Double(weight[count + index])
                sums.z += value * Double(weight[2 * count + index])
            }
            return sums
        }
    }
}
