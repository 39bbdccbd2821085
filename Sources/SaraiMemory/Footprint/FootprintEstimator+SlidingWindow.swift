extension FootprintEstimator {
    /// Which layers keep only the tokens within a window.
    enum SlidingLayers {
        case none
        /// All but each last one of so many.
        case pattern(Int)
        /// Those with a number other than 0.
        case listed([Int])

        /// Whether a layer is one of them.
        func contains(_ layer: Int) -> Bool {
            switch self {
            case .none: false
            case .pattern(let count): layer % count < count - 1
            case .listed(let layers): layers.indices.contains(layer) && layers[layer] != 0
            }
        }
    }

    /// Which layers keep only the tokens within a window.
    ///
    /// Files of newer models list the layers; for the others the engine knows a pattern by the architecture. Where neither
    /// tells, all layers count as ones that keep everything: too much rather than too little.
    var slidingLayers: SlidingLayers {
        guard let window = model.slidingWindow, window > 0 else {
            return .none
        }
        let key = "attention.sliding_window_pattern"
        if case .perLayer(let layers) = model.layerValue(key) {
            return .listed(layers)
        }
        guard let known = Self.patterns[model.architecture ?? ""] else {
            return .none
        }
        let count = model.hyperparameter(key) ?? known
        return count > 0 ? .pattern(count) : .none
    }

    /// Tokens per slot that a layer with a window keeps: the window and one step, in whole blocks of 256.
    ///
    /// Source: `llama_kv_cache_iswa` in llama-kv-cache-iswa.cpp.
    var slidingLength: Int {
        let wanted = max(0, model.slidingWindow ?? 0).saturating(plus: microBatch).saturating(plus: 255)
        return min(contextLength, (wanted / 256).saturating(times: 256))
    }

    /// Every how many layers one sees the whole context. Source: calls of `load_swa_pattern` in llama.cpp b11434.
    private static let patterns = ["cohere2": 4, "gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2]
}
