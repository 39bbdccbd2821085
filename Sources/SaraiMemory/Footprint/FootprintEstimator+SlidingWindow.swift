extension FootprintEstimator {
    /// Whether a layer keeps only the tokens within its window.
    ///
    /// Files of newer models list the layers; for the others the engine knows a pattern by the architecture. Where neither
    /// tells, a layer counts as one that keeps everything: too much rather than too little.
    func isSliding(_ layer: Int) -> Bool {
        guard let window = model.slidingWindow, window > 0 else {
            return false
        }
        if case .perLayer(let layers) = model.layerValue("attention.sliding_window_pattern") {
            return layers.indices.contains(layer) && layers[layer] != 0
        }
        guard let known = Self.patterns[model.architecture ?? ""] else {
            return false
        }
        let pattern = model.hyperparameter("attention.sliding_window_pattern") ?? known
        return pattern > 0 && layer % pattern < pattern - 1
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
