/// A layer of the recursive network: a SwiGLU across the tokens and one across the channels, each added to what comes
/// in and normalised after that.
struct MixerLayer: Sendable {
    /// The sizes of the state that layers work on: `tokens` rows of `channels`, each filled up with zeros to a
    /// multiple of four.
    struct Shape: Hashable, Sendable {
        let tokens: Int
        let channels: Int

        /// Numbers from one row to the next.
        var stride: Int { channels.paddedToFour }
        /// Numbers of a state.
        var count: Int { tokens * stride }
    }

    private let shape: Shape
    private let epsilon: Double
    /// `[2 · hidden, tokens]`: gates, then what they let through.
    private let tokenGateUp: [Double]
    /// `[tokens, hidden]`.
    private let tokenDown: [Double]
    private let tokenGain: [Double]
    private let channelGateUp: LinearMap
    private let channelDown: LinearMap
    private let channelGain: [Double]

    /// Reads the tensors of the layer `index`.
    init(_ file: Safetensors, index: Int, shape: Shape, epsilon: Double) throws(RouterFileError) {
        let layer = "layers.\(index)"
        self.shape = shape
        self.epsilon = epsilon
        let tokenGateUp = try file.gateUp("\(layer).token.gate_up", inputs: shape.tokens)
        self.tokenGateUp = tokenGateUp.values.map(Double.init)
        tokenDown = try file.tensor("\(layer).token.down", [shape.tokens, tokenGateUp.shape[0] / 2]).values.map(
            Double.init)
        tokenGain = try file.tensor("\(layer).token.norm", [shape.channels]).values.paddedRows(width: shape.channels)
        let channelGateUp = try file.gateUp("\(layer).channel.gate_up", inputs: shape.channels)
        let hidden = channelGateUp.shape[0] / 2
        self.channelGateUp = LinearMap(channelGateUp.values, inputs: shape.channels, parts: 2)
        let channelDown = try file.tensor("\(layer).channel.down", [shape.channels, hidden]).values
        self.channelDown = LinearMap(channelDown, inputs: hidden, parts: 1)
        channelGain = try file.tensor("\(layer).channel.norm", [shape.channels]).values.paddedRows(
            width: shape.channels)
    }

    private var tokenHidden: Int { tokenDown.count / shape.tokens }

    /// Numbers that ``apply(to:scratch:)`` needs for itself.
    var scratch: Int {
        max(2 * tokenHidden * shape.stride, shape.tokens * channelGateUp.outputs)
    }

    /// Multiplications of one ``apply(to:scratch:)``.
    var multiplications: Int {
        3 * tokenHidden * shape.count + shape.tokens * channelGateUp.outputs * (shape.channels + shape.channels / 2)
    }

    /// Changes a state.
    func apply(to state: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>) {
        mixTokens(state, scratch)
        normalize(state, tokenGain)
        mixChannels(state, scratch)
        normalize(state, channelGain)
    }

    private func mixTokens(_ state: UnsafeMutablePointer<Double>, _ hidden: UnsafeMutablePointer<Double>) {
        tokenGateUp.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else {
                return
            }
            multiply(
                RowMatrix(base: base, rows: 2 * tokenHidden, stride: shape.tokens),
                panels(state, depth: shape.tokens), into: hidden, stride: shape.stride)
        }
        let half = tokenHidden * shape.stride
        Self.gate(hidden, hidden + half, count: half)
        tokenDown.withUnsafeBufferPointer { weights in
            guard let base = weights.baseAddress else {
                return
            }
            multiply(
                RowMatrix(base: base, rows: shape.tokens, stride: tokenHidden),
                panels(hidden, depth: tokenHidden), into: state, stride: shape.stride, adding: true)
        }
    }

    private func mixChannels(_ state: UnsafeMutablePointer<Double>, _ hidden: UnsafeMutablePointer<Double>) {
        let width = channelGateUp.outputs
        channelGateUp.apply(
            to: RowMatrix(base: state, rows: shape.tokens, stride: shape.stride), into: hidden, stride: width)
        for token in 0..<shape.tokens {
            let gates = hidden + token * width
            Self.gate(gates, gates + width / 2, count: width / 2)
        }
        channelDown.apply(
            to: RowMatrix(base: hidden, rows: shape.tokens, stride: width), into: state, stride: shape.stride,
            adding: true)
    }

    /// Rows of ``Shape/stride`` as the right factor of a product.
    private func panels(_ base: UnsafeMutablePointer<Double>, depth: Int) -> PanelMatrix {
        PanelMatrix(base: base, panels: shape.stride / 4, depth: depth, stride: shape.stride, panelStride: 4)
    }

    /// The SwiGLU: gates become SiLU(gate) · up.
    private static func gate(_ gates: UnsafeMutablePointer<Double>, _ ups: UnsafeMutablePointer<Double>, count: Int) {
        for index in stride(from: 0, to: count, by: 4) {
            (gates + index).four = (gates + index).four.silu * (ups + index).four
        }
    }

    /// RMSNorm: scales each row to a mean square of 1, then each channel by its gain.
    private func normalize(_ state: UnsafeMutablePointer<Double>, _ gain: [Double]) {
        gain.withUnsafeBufferPointer { gain in
            guard let gain = gain.baseAddress else {
                return
            }
            for token in 0..<shape.tokens {
                let row = state + token * shape.stride
                var squares = SIMD4<Double>.zero
                for index in stride(from: 0, to: shape.stride, by: 4) {
                    squares += (row + index).four * (row + index).four
                }
                let factor = 1 / (squares.sum() / Double(shape.channels) + epsilon).squareRoot()
                for index in stride(from: 0, to: shape.stride, by: 4) {
                    (row + index).four = (row + index).four * factor * (gain + index).four
                }
            }
        }
    }
}

extension Safetensors {
    /// The weights of gates and of what they let through: an even number of rows.
    fileprivate func gateUp(_ name: String, inputs: Int) throws(RouterFileError) -> Tensor {
        let tensor = try tensor(name, [nil, inputs])
        guard tensor.shape[0].isMultiple(of: 2) else {
            throw RouterFileError(self.name, "tensor '\(name)' has an odd number of rows")
        }
        return tensor
    }
}
