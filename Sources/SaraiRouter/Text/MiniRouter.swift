/// Mini: scores a text by its words and letters alone, without an embedding, fast enough for every key that is pressed.
package struct MiniRouter: Sendable {
    /// `[buckets, 3]`.
    private let weight: [Float]
    private let bias: SIMD3<Double>
    private let calibration: Calibration

    /// Reads Mini.
    ///
    /// - Parameters:
    ///   - bytes: a safetensors file of format `sarai-mini-1`; nothing in it is trusted.
    ///   - file: what errors call it.
    /// - Throws: what is wrong with the file.
    package init(
        safetensors bytes: some Collection<UInt8>, file: String = "the router's Mini"
    ) throws(RouterFileError) {
        let file = try Safetensors(parsing: bytes, file: file, format: "sarai-mini-1")
        let buckets = try file.integer("buckets", in: 1...1 << 24)
        guard buckets.nonzeroBitCount == 1 else {
            throw RouterFileError(file.name, "its metadata has buckets = '\(buckets)', not a power of two")
        }
        weight = try file.tensor("weight", [buckets, 3]).values
        bias = SIMD3(SIMD3(try file.tensor("bias", [3]).values))
        calibration = try Calibration(file)
    }

    /// Scores a text, which need not be complete.
    package func scores(_ text: String) -> RouteScores {
        let buckets = TextFeatures(text, buckets: weight.count / 3).buckets
        var sum = SIMD3<Double>.zero
        for bucket in buckets {
            let row = 3 * bucket
            sum += SIMD3(Double(weight[row]), Double(weight[row + 1]), Double(weight[row + 2]))
        }
        // Every text has a bucket: an empty one is two spaces.
        return calibration.scores(sum / Double(buckets.count).squareRoot() + bias)
    }
}
