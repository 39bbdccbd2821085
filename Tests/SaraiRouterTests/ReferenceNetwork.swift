import Foundation
import Testing

/// The recursive network as its definition reads, in double precision and without any layout, on random weights.
struct ReferenceNetwork: CustomTestStringConvertible {
    let inputs: Int
    let tokens: Int
    let channels: Int
    let recursions: Int
    let latentSteps: Int
    var supervisionSteps: Int
    private let tensors: [(name: String, shape: [Int], values: [Float])]
    /// The same by name, row by row; vectors are one row.
    private let matrices: [String: Matrix]

    private typealias Matrix = [[Double]]
    private static let epsilon = 1e-6

    init(
        inputs: Int, tokens: Int, channels: Int, tokenHidden: Int, channelHidden: Int, recursions: Int,
        latentSteps: Int, supervisionSteps: Int
    ) {
        (self.inputs, self.tokens, self.channels) = (inputs, tokens, channels)
        (self.recursions, self.latentSteps, self.supervisionSteps) = (recursions, latentSteps, supervisionSteps)
        let layers = (0..<2).flatMap { layer in
            [
                ("layers.\(layer).token.gate_up", [2 * tokenHidden, tokens]),
                ("layers.\(layer).token.down", [tokens, tokenHidden]),
                ("layers.\(layer).token.norm", [channels]),
                ("layers.\(layer).channel.gate_up", [2 * channelHidden, channels]),
                ("layers.\(layer).channel.down", [channels, channelHidden]),
                ("layers.\(layer).channel.norm", [channels]),
            ]
        }
        let others = [
            ("input.weight", [tokens * channels, inputs]), ("input.bias", [tokens * channels]),
            ("y0", [tokens, channels]), ("z0", [tokens, channels]), ("head.weight", [3, channels]), ("head.bias", [3]),
        ]
        tensors = (layers + others).enumerated().map { index, tensor in
            let (name, shape) = tensor
            // Small enough that rounding is not amplified from step to step, as in a network that was trained.
            let scale = shape.count == 1 ? 1 : 1 / Float(shape[1]).squareRoot()
            return (name, shape, Self.random(shape.reduce(1, *), seed: index, scale: scale))
        }
        matrices = tensors.reduce(into: [:]) { matrices, tensor in
            let width = tensor.shape.last ?? 1
            let values = tensor.values.map(Double.init)
            matrices[tensor.name] = stride(from: 0, to: values.count, by: width).map { Array(values[$0..<$0 + width]) }
        }
    }

    var testDescription: String { "\(tokens) tokens of \(channels) channels" }

    func vector(seed: Int) -> [Float] {
        let vector = Self.random(inputs, seed: 1000 + seed, scale: 1)
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / norm }
    }

    func file() -> WeightsFile {
        var file = WeightsFile.head(
            "trm", inputs: inputs,
            [
                "dim": "\(channels)", "tokens": "\(tokens)", "recursions": "\(recursions)",
                "latent_steps": "\(latentSteps)", "supervision_steps": "\(supervisionSteps)",
                "eps": "\(Self.epsilon)", "halt": "false",
            ])
        file.tensors += tensors
        return file
    }

    func scores(_ vector: [Float]) -> [Double] {
        logits(vector).map(Self.sigmoid)
    }

    func logits(_ vector: [Float]) -> [Double] {
        let projected = Self.product(matrix("input.weight"), vector.map(Double.init))
        let flat = zip(projected, self.vector("input.bias")).map(+)
        let x = stride(from: 0, to: flat.count, by: channels).map { Array(flat[$0..<$0 + channels]) }
        var y = matrix("y0")
        var z = matrix("z0")
        for _ in 0..<supervisionSteps * recursions {
            for _ in 0..<latentSteps {
                z = network(Self.add(x, Self.add(y, z)))
            }
            y = network(Self.add(y, z))
        }
        let mean = (0..<channels).map { channel in y.reduce(0) { $0 + $1[channel] } / Double(tokens) }
        return zip(Self.product(matrix("head.weight"), mean), self.vector("head.bias")).map(+)
    }

    static func sigmoid(_ value: Double) -> Double {
        1 / (1 + exp(-value))
    }

    private func network(_ state: Matrix) -> Matrix {
        (0..<2).reduce(state) { state, layer in
            let tokens = "layers.\(layer).token"
            let mixed = Self.transposed(swiglu(Self.transposed(state), tokens))
            let between = normalized(Self.add(state, mixed), tokens)
            let channels = "layers.\(layer).channel"
            return normalized(Self.add(between, swiglu(between, channels)), channels)
        }
    }

    private func swiglu(_ rows: Matrix, _ name: String) -> Matrix {
        let gateUp = matrix("\(name).gate_up")
        let down = matrix("\(name).down")
        return rows.map { row in
            let both = Self.product(gateUp, row)
            let half = both.count / 2
            let hidden = (0..<half).map { both[$0] * Self.sigmoid(both[$0]) * both[half + $0] }
            return Self.product(down, hidden)
        }
    }

    private func normalized(_ rows: Matrix, _ name: String) -> Matrix {
        let gain = vector("\(name).norm")
        return rows.map { row in
            let square = row.reduce(0) { $0 + $1 * $1 } / Double(channels)
            return zip(row, gain).map { $0 / (square + Self.epsilon).squareRoot() * $1 }
        }
    }

    private func matrix(_ name: String) -> Matrix {
        matrices[name] ?? []
    }

    private func vector(_ name: String) -> [Double] {
        matrix(name).first ?? []
    }

    /// The product of a matrix with a column.
    private static func product(_ rows: Matrix, _ column: [Double]) -> [Double] {
        rows.map { row in
            var sum = 0.0
            for index in column.indices {
                sum += row[index] * column[index]
            }
            return sum
        }
    }

    /// Numbers of ±`scale`, the same for the same seed.
    private static func random(_ count: Int, seed: Int, scale: Float) -> [Float] {
        var state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (Float(state >> 40) / Float(1 << 23) - 1) * scale
        }
    }

    private static func add(_ a: Matrix, _ b: Matrix) -> Matrix {
        zip(a, b).map { zip($0, $1).map(+) }
    }

    private static func transposed(_ rows: Matrix) -> Matrix {
        rows[0].indices.map { column in rows.map { $0[column] } }
    }
}
