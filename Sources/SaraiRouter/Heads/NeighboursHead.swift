import Foundation

/// k-nearest neighbours: the texts of the training that are most like this one vote, by how like they are.
struct NeighboursHead: Sendable {
    /// `[count, inputs]`, L2-normalised as all embeddings: their products are cosines.
    private let vectors: [Float]
    /// Which labels each text had, 0 or 1.
    private let labels: [SIMD3<Double>]
    /// How many vote.
    private let neighbours: Int
    /// How fast a vote loses weight with the angle.
    private let sharpness: Double
    /// A logistic regression beside the vote, `[3, inputs]`; its bias is in the calibration.
    private let skip: [Float]?

    /// A vote is never taken for certainty.
    private static let extreme = 1e-4

    /// Reads the tensors `vectors`, `labels` and, if it is there, `skip.weight`, and the keys `k` and `sharpness`.
    init(_ file: Safetensors, inputs: Int) throws(RouterFileError) {
        let vectors = try file.tensor("vectors", [nil, inputs])
        let labels = try file.tensor("labels", [vectors.shape[0], 3]).values
        guard labels.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw RouterFileError(file.name, "tensor 'labels' has values other than 0 and 1")
        }
        self.vectors = vectors.values
        self.labels = stride(from: 0, to: labels.count, by: 3).map { SIMD3(SIMD3(labels[$0..<$0 + 3])) }
        neighbours = try file.integer("k", in: 1...vectors.shape[0])
        sharpness = try file.number("sharpness", in: 0...10_000)
        skip = file.has("skip.weight") ? try file.tensor("skip.weight", [3, inputs]).values : nil
    }

    /// The logits of an embedding of the right length; no numbers for one without numbers.
    func logits(_ vector: UnsafeBufferPointer<Float>) -> SIMD3<Double> {
        let nearest = nearest(vector)
        guard let best = nearest.first?.cosine, best.isFinite else {
            return SIMD3(repeating: .nan)
        }
        var votes = SIMD3<Double>.zero
        var total = 0.0
        for neighbour in nearest {
            let weight = exp(sharpness * Double(neighbour.cosine - best))
            votes += labels[neighbour.index] * weight
            total += weight
        }
        let share = (votes / total).clamped(
            lowerBound: SIMD3(repeating: Self.extreme), upperBound: SIMD3(repeating: 1 - Self.extreme))
        let vote = SIMD3(log(share.x / (1 - share.x)), log(share.y / (1 - share.y)), log(share.z / (1 - share.z)))
        return skip.map { vote + vector.labelled($0) } ?? vote
    }

    /// The nearest vectors, the nearest first.
    private func nearest(_ vector: UnsafeBufferPointer<Float>) -> [(index: Int, cosine: Float)] {
        vectors.withUnsafeBufferPointer { vectors in
            guard let base = vectors.baseAddress else {
                return []
            }
            var nearest: [(index: Int, cosine: Float)] = []
            nearest.reserveCapacity(neighbours + 1)
            for index in labels.indices {
                let cosine = vector.dot(base + index * vector.count)
                if nearest.count == neighbours, let last = nearest.last, cosine <= last.cosine {
                    continue
                }
                let place = nearest.firstIndex { $0.cosine < cosine } ?? nearest.count
                nearest.insert((index, cosine), at: place)
                if nearest.count > neighbours {
                    nearest.removeLast()
                }
            }
            return nearest
        }
    }
}
