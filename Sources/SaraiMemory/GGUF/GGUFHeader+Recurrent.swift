extension GGUFHeader {
    /// Numbers that each sequence keeps per layer without attention: convolution history and recurrent state together.
    ///
    /// Source: `llama_hparams::n_embd_r` and `n_embd_s` in llama-hparams.cpp, llama.cpp b11434. Layers with attention
    /// count as well, where the file does not tell which those are: too much rather than too little.
    package var recurrentStateLength: Int {
        let embedding = embeddingLength ?? 0
        if let headSize = hyperparameter("wkv.head_size") {
            // RWKV.
            return embedding.saturating(times: headSize.saturating(plus: hyperparameter("token_shift_count") ?? 2))
        }
        if let cache = hyperparameter("shortconv.l_cache") {
            // LFM2.
            return embedding.saturating(times: max(1, cache) - 1)
        }
        let heads = headCount?.maximum ?? 0
        if let headLength = hyperparameter("kda.head_dim") {
            // Kimi Linear.
            let kernel = max(1, hyperparameter("ssm.conv_kernel") ?? 4) - 1
            let history = heads.saturating(times: headLength).saturating(times: kernel).saturating(times: 3)
            return history.saturating(plus: headLength.saturating(times: headLength).saturating(times: heads))
        }
        guard let inner = hyperparameter("ssm.inner_size"), let state = hyperparameter("ssm.state_size") else {
            return 0
        }
        // Mamba and the hybrids that are built on it.
        let kernel = max(1, hyperparameter("ssm.conv_kernel") ?? 1) - 1
        let groups = hyperparameter("ssm.group_count") ?? 0
        let width = inner.saturating(plus: groups.saturating(times: state).saturating(times: 2))
        return kernel.saturating(times: width).saturating(plus: inner.saturating(times: state))
    }

    /// Layers that keep such a state.
    ///
    /// Where the file lists heads per layer, those without any; else all of them.
    package var recurrentLayers: Int {
        guard recurrentStateLength > 0, let blockCount else {
            return 0
        }
        guard case .perLayer(let heads) = headCountKV else {
            return blockCount
        }
        return heads.count { $0 == 0 }
    }
}
