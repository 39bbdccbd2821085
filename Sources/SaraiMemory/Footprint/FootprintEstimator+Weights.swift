import SaraiCore

extension FootprintEstimator {
    /// Bytes of the weights: in pages of the file, and in memory of the process.
    ///
    /// The engine maps exactly the tensors' part of the file, all of it at once. SOLAR with the engine's defaults: 6161 MiB
    /// mapped and 4806 MiB copied; LFM2: 694 and 482.
    func weights(_ buffers: EngineBuffers?) -> (mapped: Int, copied: Int) {
        let whole = buffers.map { ($0.weights + $0.repacked).bytes } ?? model.tensorBytes
        switch settings.loadMode {
        case .mapped: return (whole, 0)
        // With a dry run, what is there twice is in its figures.
        case .repacked: return (0, buffers == nil ? whole.saturating(plus: duplicatedOutputBytes) : whole)
        case .engineDefault: return (whole, buffers?.repacked.bytes ?? repackedBytes)
        }
    }

    /// Bytes of the tensors that the engine copies into another layout.
    ///
    /// Matrices to multiply with, of the types that have such a layout. Embeddings are looked up row by row and stay as they
    /// are. The layout has the size of the original.
    private var repackedBytes: Int {
        model.tensors.reduce(duplicatedOutputBytes) { sum, tensor in
            let isRepacked =
                tensor.isMatrix && tensor.name != Self.embeddings && Self.repackedTypes.contains(tensor.type)
            return sum.saturating(plus: isRepacked ? tensor.byteCount : 0)
        }
    }

    /// Bytes that are in memory twice when weights are repacked.
    ///
    /// A model without an output matrix uses its token embeddings for both: a matrix to multiply with is repacked, so that
    /// a second copy is made.
    private var duplicatedOutputBytes: Int {
        guard !model.tensors.contains(where: { $0.name == "output.weight" }),
            let embeddings = model.tensors.first(where: { $0.name == Self.embeddings }),
            Self.repackedTypes.contains(embeddings.type)
        else {
            return 0
        }
        return embeddings.byteCount
    }

    private static let embeddings = "token_embd.weight"

    /// The types that have a layout of their own. Source: `ggml_repack_get_optimal_repack_type` in repack.cpp.
    private static let repackedTypes: Set<GGMLType> = {
        let common: Set<GGMLType> = [.q4_0, .q2_K, .q4_K, .iq4_NL, .mxfp4]
        #if arch(x86_64)
            return common
        #else
            return common.union([.q5_K, .q6_K, .q8_0, .q1_0])
        #endif
    }()
}

extension GGUFTensor {
    /// Whether it has rows and columns.
    fileprivate var isMatrix: Bool {
        dimensions.count > 1 && dimensions[1] > 1
    }
}
