extension FootprintEstimator {
    /// Bytes of the process itself.
    ///
    /// Measured on x86-64 with glibc: 10 to 12 MiB for pages of the program and its libraries, 6 MiB of its own, 2 MiB more
    /// for each slot beyond the first; buffers of their own pages (see the worker's environment) take some 6 MiB more. Each token
    /// of context takes some 50 bytes of bookkeeping.
    ///
    /// - Parameter engine: the private memory of the engine's process in a dry run, which has read the vocabulary.
    /// - Returns: bytes.
    func overheadBytes(engine: Int?) -> Int {
        let base = engine.map { $0.saturating(plus: 20 << 20) } ?? vocabularyBytes.saturating(plus: 30 << 20)
        return base.saturating(plus: slots.saturating(times: 3 << 20))
            .saturating(plus: totalContext.saturating(times: 64))
    }

    /// Bytes of the vocabulary in memory: a text, a score and a hash table entry per token, two texts per merge.
    ///
    /// Measured: 43 MiB for gemma's 262 144 tokens, 15 MiB for SmolLM2's 49 152 tokens and 48 900 merges. Tokenizers of
    /// the unigram kind build a tree of all tokens besides: 128 MiB for the 250 037 tokens of multilingual-e5-small.
    private var vocabularyBytes: Int {
        let kind = model.metadata["tokenizer.ggml.model"]?.stringValue
        let perToken = kind == "gpt2" || kind == "llama" ? 180 : 580
        return (model.vocabularySize ?? 0).saturating(times: perToken)
            .saturating(plus: model.mergeCount.saturating(times: 170))
    }
}
