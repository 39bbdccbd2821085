extension FootprintEstimator {
    /// Bytes of the keys and values of all slots, allocated and cleared at start.
    ///
    /// Per layer: tokens × key-value heads × (key length + value length) × bytes per number. Layers without attention
    /// have no heads. Source: `llama_kv_cache` in llama-kv-cache.cpp. Equal to the engine's figure for llama, qwen2vl,
    /// lfm2 and gemma3.
    var cacheBytes: Int {
        guard !isEncoder, let layers = model.blockCount, let heads = model.headCountKV else {
            return 0
        }
        let sliding = slidingLayers
        let slidingBytes = slidingLength.saturating(times: headBytes(isSliding: true))
        let fullBytes = contextLength.saturating(times: headBytes(isSliding: false))
        let perSlot = (0..<min(max(0, layers), Self.maximumLayers)).reduce(0) { sum, layer in
            let bytes = sliding.contains(layer) ? slidingBytes : fullBytes
            return sum.saturating(plus: bytes.saturating(times: max(0, heads[layer])))
        }
        return perSlot.saturating(times: slots)
    }

    /// Layers that the engine accepts. Source: `LLAMA_MAX_LAYERS` in llama-hparams.h.
    private static let maximumLayers = 512

    /// Bytes of one head's key and value for one token. Some models have heads of another size behind a window.
    private func headBytes(isSliding: Bool) -> Int {
        let key = isSliding ? model.hyperparameter("attention.key_length_swa") : nil
        let value = isSliding ? model.hyperparameter("attention.value_length_swa") : nil
        return rowBytes(key ?? model.keyLength ?? 0).saturating(plus: rowBytes(value ?? model.valueLength ?? 0))
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
