import Foundation

/// Turns a head's logits into probabilities that can be trusted as such, by a line per label that was fitted after the
/// training.
struct Calibration: Hashable, Sendable {
    /// What each logit is multiplied by, in the order of ``RouteScores``.
    let scale: SIMD3<Double>
    /// What is added then.
    let bias: SIMD3<Double>

    /// Reads the keys `scale` and `bias`.
    init(_ file: Safetensors) throws(RouterFileError) {
        scale = try file.three("scale")
        bias = try file.three("bias")
    }

    /// The probabilities; ``RouteScores/unknown`` where the logits are not numbers.
    func scores(_ logits: SIMD3<Double>) -> RouteScores {
        let calibrated = logits * scale + bias
        guard calibrated.x.isFinite, calibrated.y.isFinite, calibrated.z.isFinite else {
            return .unknown
        }
        return RouteScores(
            hard: Self.sigmoid(calibrated.x), soft: Self.sigmoid(calibrated.y), webQuery: Self.sigmoid(calibrated.z))
    }

    private static func sigmoid(_ value: Double) -> Double {
        1 / (1 + exp(-value))
    }
}
