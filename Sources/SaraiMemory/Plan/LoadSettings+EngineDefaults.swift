extension LoadSettings {
    /// How llama-server loads a model unless told otherwise.
    ///
    /// Weights mapped and copied, four slots that share the model's whole training context, and a prompt cache that may
    /// grow to 8192 MiB. Source: `common_params` in common.h and `n_parallel` in server.cpp, llama.cpp b11434. There a single
    /// slot may take all of the context; the memory is the same.
    ///
    /// - Parameters:
    ///   - model: the header of the model's file.
    ///   - isEmbedding: whether it serves embeddings.
    /// - Returns: the settings.
    package static func engineDefaults(for model: GGUFHeader, isEmbedding: Bool) -> LoadSettings {
        let slots = 4
        return LoadSettings(
            contextLength: max(1, (model.contextLength ?? 4096) / slots), slots: slots, isEmbedding: isEmbedding,
            microBatch: 512, loadMode: .engineDefault, imageTokens: 4096, promptCacheMebibytes: 8192)
    }
}
