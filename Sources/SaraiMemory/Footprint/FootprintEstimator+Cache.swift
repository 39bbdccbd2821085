extension FootprintEstimator {
    /// Bytes of the keys and values of all slots, allocated and cleared at start.
    ///
    /// Per layer: tokens × key-value heads × (key length + value length) × bytes per number. Layers without attention
    /// have no heads. Layers with a sliding window count as full ones; they take less where the window is short.
    /// Source: `llama_kv_cache` in llama-kv-cache.cpp. Equal to the engine's figure for llama, qwen2vl and lfm2.
    var cacheBytes: Int {
        guard !isEncoder, let layers = model.blockCount, let heads = model.headCountKV else {
            return 0
        }
        let perHead = rowBytes(model.keyLength ?? 0).saturating(plus: rowBytes(model.valueLength ?? 0))
        // A file may claim any number of layers; real models have some hundred.
        let allHeads = (0..<min(layers, 1 << 16)).reduce(0) { $0.saturating(plus: max(0, heads[$1])) }
        return totalContext.saturating(times: allHeads).saturating(times: perHead)
    }

    /// Bytes of the state that layers without attention keep for each slot, in 32-bit numbers.
    var recurrentBytes: Int {
        model.recurrentStateLength.saturating(times: model.recurrentLayers).saturating(times: slots)
            .saturating(times: 4)
    }

    /// Whether the model sees a text as a whole and needs no memory of earlier tokens.
    ///
    /// Source: `llama_model::create_memory` in llama-model.cpp.
    var isEncoder: Bool {
        Self.encoders.contains(model.architecture ?? "")
    }

    private static let encoders: Set<String> = [
        "bert", "eurobert", "gemma-embedding", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert", "nomic-bert",
        "nomic-bert-moe",
    ]

    /// Bytes of `length` numbers of the cache's type, in whole blocks.
    private func rowBytes(_ length: Int) -> Int {
        let block = settings.cacheType.tensorType.block
        let blocks = max(0, length).saturating(plus: block.elements - 1) / block.elements
        return blocks.saturating(times: block.bytes)
    }
}
