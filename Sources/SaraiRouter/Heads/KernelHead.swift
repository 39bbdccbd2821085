import Foundation

/// Kernel regression: logistic regression on how like a text is to each of some texts of the training.
struct KernelHead: Sendable {
    private let mean: [Float]
    private let spread: [Float]
    /// To the cosine with each of the centres, which are standardised by ``mean`` and ``spread`` and of length 1.
    private let cosines: LinearMap
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
        cosines = LinearMap(centres.values, inputs: inputs, parts: 1)
        let weight = try file.tensor("weight", [3, count]).values
        weights = (0..<count).map { index in
            SIMD3(Double(weight[index]), Double(weight[count + index]), Double(weight[2 * count + index]))
        }
        bias = SIMD3(SIMD3(try file.tensor("bias", [3]).values))
        sharpness = try file.number("sharpness", in: 0...100)
    }

    /// The logits of an embedding of the right length; no numbers for one without numbers.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        var found = [Double](repeating: 0, count: cosines.outputs)
        standardised(vector).withUnsafeBufferPointer { row in
            found.withUnsafeMutableBufferPointer { found in
                if let row = row.baseAddress, let found = found.baseAddress {
                    cosines.apply(
                        to: RowMatrix(base: row, rows: 1, stride: cosines.inputs), into: found, stride: cosines.outputs)
                }
            }
        }
        return zip(weights, found).reduce(bias) { $0 + $1.0 * exp(sharpness * ($1.1 - 1)) }
    }

    /// The vector with mean 0 and deviation 1 in each dimension over the training, and then of length 1.
    ///
    /// In double precision: the weights are large and of both signs, and their sum is small.
    private func standardised(_ vector: UnsafeBufferPointer<Float>) -> [Double] {
        let values = vector.indices.map { (Double(vector[$0]) - Double(mean[$0])) / Double(spread[$0]) }
        let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return values.map { $0 / length }
    }
}
