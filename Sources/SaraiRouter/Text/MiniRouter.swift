/// Mini: scores a text by its words and letters alone, without an embedding, fast enough for every key that is pressed.
package struct MiniRouter: Sendable {
    private let table: NgramTable
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
        table = try NgramTable(file, tensor: "weight")
        bias = SIMD3(SIMD3(try file.tensor("bias", [3]).values))
        calibration = try Calibration(file)
    }

    /// Scores a text, which need not be complete.
    package func scores(_ text: String) -> RouteScores {
        calibration.scores(table.logits(text) + bias)
    }
}
