import Foundation

/// Kernel regression: logistic regression on how like a text is to each of some texts of the training.
struct KernelHead: Sendable {
    private let mean: [Float]
    private let spread: [Float]
    /// `[count, inputs]`, standardised by ``mean`` and ``spread`` and of length 1.
    private let centres: [Float]
    /// What being like each centre says for each label.
    private let weights: [SIMD3<Double>]
    private let bias: SIMD3<Double>
    /// How fast two texts stop being alike with the angle between their embeddings.
    private let sharpness: Double

    /// Reads the tensors `mean`, `spread`, `centres`, `weight` and `bias`, and the key `sharpness`.
    init(_ file: Safetensors, inputs: Int) throws(RouterFileError) {
        mean = try file.tensor("mean", [inputs]).values
        spread = try file.tensor("spread", [inputs]).values
        guard spread.allSatisfy({ $0 > 0 }) else {
            throw RouterFileError(file.name, "tensor 'spread' has values that are not above 0")
        }
        let centres = try file.tensor("centres", [nil, inputs])
        let count = centres.shape[0]
        self.centres = centres.values
        let weight = try file.tensor("weight", [3, count]).values
        weights = (0..<count).map { index in
            SIMD3(Double(weight[index]), Double(weight[count + index]), Double(weight[2 * count + index]))
        }
        bias = SIMD3(SIMD3(try file.tensor("bias", [3]).values))
        sharpness = try file.number("sharpness", in: 0...100)
    }

    /// The logits of an embedding of the right length; no numbers for one without numbers.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        let row = standardised(vector)
        return centres.withUnsafeBufferPointer { centres in
            row.withUnsafeBufferPointer { row in
                guard let first = centres.baseAddress else {
                    return bias
                }
                return weights.indices.reduce(bias) { sum, index in
                    let cosine = row.dot(first + index * row.count)
                    return sum + weights[index] * exp(sharpness * (Double(cosine) - 1))
                }
            }
        }
    }

    /// The vector with mean 0 and deviation 1 in each dimension over the training, and then of length 1.
    ///
    /// In single precision, like the centres, whose cosines with it are nearly all that this head takes time for. What they
    /// round away, 10⁻⁷ each, leaves the weighted sum five digits, although the weights are of both signs.
    private func standardised(_ vector: UnsafeBufferPointer<Float>) -> [Float] {
        let values = vector.indices.map { (Double(vector[$0]) - Double(mean[$0])) / Double(spread[$0]) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { Float($0 / length) }
    }
}
