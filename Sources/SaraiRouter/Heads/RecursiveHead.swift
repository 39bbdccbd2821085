/// The Tiny Recursive Model: one small network that improves a latent state and an answer again and again.
///
/// Source: arXiv 2510.04871. The embedding becomes the question x, a few tokens of a few channels. A step of
/// supervision is `recursions` times: `latentSteps` times z ← net(x + y + z), then y ← net(y + z). The answer y is
/// read after each step.
struct RecursiveHead: Sendable {
    private let shape: MixerLayer.Shape
    private let recursions: Int
    private let latentSteps: Int
    private let supervisionSteps: Int
    private let input: LinearMap
    private let inputBias: [Double]
    private let firstAnswer: [Double]
    private let firstLatent: [Double]
    private let layers: [MixerLayer]
    private let output: Readout

    /// More per text is a file gone wrong: no head that answers within milliseconds comes near it.
    private static let mostMultiplications = 1_000_000_000

    /// Reads the tensors and the sizes that `training/` wrote.
    init(_ file: Safetensors, inputs: Int) throws(RouterFileError) {
        let shape = MixerLayer.Shape(
            tokens: try file.integer("tokens", in: 1...1024), channels: try file.integer("dim", in: 1...4096))
        let (tokens, channels) = (shape.tokens, shape.channels)
        self.shape = shape
        recursions = try file.integer("recursions", in: 1...64)
        latentSteps = try file.integer("latent_steps", in: 1...64)
        supervisionSteps = try file.integer("supervision_steps", in: 1...64)
        let weight = try file.tensor("input.weight", [tokens * channels, inputs]).values
        input = LinearMap(weight, inputs: inputs, parts: tokens)
        inputBias = try file.tensor("input.bias", [tokens * channels]).values.paddedRows(width: channels)
        firstAnswer = try file.tensor("y0", [tokens, channels]).values.paddedRows(width: channels)
        firstLatent = try file.tensor("z0", [tokens, channels]).values.paddedRows(width: channels)
        let epsilon = (try file.number("eps", in: 1e-12...1))
        let first = try MixerLayer(file, index: 0, shape: shape, epsilon: epsilon)
        layers = [first, try MixerLayer(file, index: 1, shape: shape, epsilon: epsilon)]
        output = try Readout(file, inputs: inputs, channels: channels)
        let runs = supervisionSteps * recursions * (latentSteps + 1)
        let (work, overflow) = layers.reduce(0) { $0 + $1.multiplications }.multipliedReportingOverflow(by: runs)
        guard !overflow, work <= Self.mostMultiplications else {
            throw RouterFileError(file.name, "its network takes more than \(Self.mostMultiplications) multiplications")
        }
    }

    /// The logits of an embedding of the right length.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        let scratch = layers.map(\.scratch).reduce(vector.count, max)
        let numbers = 3 * shape.count + shape.stride + scratch
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: numbers) { memory in
            guard let question = memory.baseAddress else {
                return SIMD3(repeating: .nan)
            }
            return logits(
                vector,
                State(
                    question: question, count: shape.count, mean: question + 3 * shape.count,
                    scratch: question + 3 * shape.count + shape.stride))
        }
    }

    /// What changes while a text is scored.
    private struct State {
        /// x, of `count` numbers.
        let question: UnsafeMutablePointer<Double>
        let count: Int
        /// The mean of the answer's tokens.
        let mean: UnsafeMutablePointer<Double>
        let scratch: UnsafeMutablePointer<Double>

        /// y.
        var answer: UnsafeMutablePointer<Double> { question + count }
        /// z.
        var latent: UnsafeMutablePointer<Double> { question + 2 * count }
    }

    private func logits(_ vector: UnsafeBufferPointer<Float>, _ state: State) -> SIMD3<Double> {
        start(state, vector)
        for _ in 0..<supervisionSteps {
            improve(state)
            takeMean(state)
            if output.halts(state.mean) {
                break
            }
        }
        return output.logits(state.mean, vector)
    }

    private func start(_ state: State, _ vector: UnsafeBufferPointer<Float>) {
        state.question.update(from: inputBias, count: state.count)
        for (index, number) in vector.enumerated() {
            state.scratch[index] = Double(number)
        }
        input.apply(
            to: RowMatrix(base: state.scratch, rows: 1, stride: vector.count), into: state.question,
            stride: state.count, adding: true)
        state.answer.update(from: firstAnswer, count: state.count)
        state.latent.update(from: firstLatent, count: state.count)
    }

    /// One step of supervision.
    private func improve(_ state: State) {
        for _ in 0..<recursions {
            for _ in 0..<latentSteps {
                for index in stride(from: 0, to: state.count, by: 4) {
                    let sum = (state.question + index).four + (state.answer + index).four
                    (state.latent + index).four = sum + (state.latent + index).four
                }
                apply(to: state.latent, state)
            }
            for index in stride(from: 0, to: state.count, by: 4) {
                (state.answer + index).four = (state.answer + index).four + (state.latent + index).four
            }
            apply(to: state.answer, state)
        }
    }

    private func apply(to values: UnsafeMutablePointer<Double>, _ state: State) {
        for layer in layers {
            layer.apply(to: values, scratch: state.scratch)
        }
    }

    private func takeMean(_ state: State) {
        for index in stride(from: 0, to: shape.stride, by: 4) {
            var sum = SIMD4<Double>.zero
            for token in 0..<shape.tokens {
                sum += (state.answer + token * shape.stride + index).four
            }
            (state.mean + index).four = sum / Double(shape.tokens)
        }
    }
}
