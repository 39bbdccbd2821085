/// What the words and letters of a text say for each label: a row of weights per bucket of ``TextFeatures``.
struct NgramTable: Sendable {
    /// `[buckets, 3]`.
    private let weight: [Float]

    /// No table of ours comes near so many rows.
    private static let mostBuckets = 1 << 24

    /// Reads a tensor.
    ///
    /// - Parameters:
    ///   - file: the file of weights.
    ///   - tensor: its name; it has three columns, and a row for each of a power of two of buckets.
    /// - Throws: what is wrong with the tensor.
    init(_ file: Safetensors, tensor: String) throws(RouterFileError) {
        let table = try file.tensor(tensor, [nil, 3])
        let buckets = table.shape[0]
        guard buckets.nonzeroBitCount == 1, buckets <= Self.mostBuckets else {
            throw RouterFileError(file.name, "tensor '\(tensor)' has \(buckets) rows, not a power of two")
        }
        weight = table.values
    }

    /// The sum of the rows that a text falls into, over the square root of their number: long texts do not outweigh
    /// what else is known of them.
    func logits(_ text: String) -> SIMD3<Double> {
        let buckets = TextFeatures(text, buckets: weight.count / 3).buckets
        var sum = SIMD3<Double>.zero
        for bucket in buckets {
            let row = 3 * bucket
            sum += SIMD3(Double(weight[row]), Double(weight[row + 1]), Double(weight[row + 2]))
        }
        // Every text has a bucket: an empty one is two spaces.
        return sum / Double(buckets.count).squareRoot()
    }
}
