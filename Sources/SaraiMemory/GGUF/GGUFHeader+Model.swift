extension GGUFHeader {
    /// `llama`, `lfm2`, `clip`; `nil` where the file does not say.
    package var architecture: String? {
        metadata["general.architecture"]?.stringValue
    }

    /// The model's name, for people.
    package var name: String? {
        metadata["general.name"]?.stringValue
    }

    /// An integer of the architecture: `hyperparameter("context_length")` is `llama.context_length`.
    package func hyperparameter(_ key: String) -> Int? {
        value(key)?.intValue
    }

    /// An integer that may differ from layer to layer; of a boolean, 1 is true.
    package func layerValue(_ key: String) -> GGUFLayerValue? {
        switch value(key) {
        case .integer(let value): .uniform(value)
        case .array(let array):
            array.elements.map { .perLayer($0.map { $0.intValue ?? ($0.boolValue == true ? 1 : 0) }) }
        default: nil
        }
    }

    private func value(_ key: String) -> GGUFValue? {
        architecture.flatMap { metadata["\($0).\(key)"] }
    }

    /// Tokens of context that the model was trained for.
    package var contextLength: Int? { hyperparameter("context_length") }

    /// Numbers per token between the layers.
    package var embeddingLength: Int? { hyperparameter("embedding_length") }

    /// Layers.
    package var blockCount: Int? { hyperparameter("block_count") }

    /// Numbers per token inside a layer's feed-forward network.
    package var feedForwardLength: GGUFLayerValue? { layerValue("feed_forward_length") }

    /// Query heads.
    package var headCount: GGUFLayerValue? { layerValue("attention.head_count") }

    /// Key and value heads; 0 in layers without attention. Where the file does not say, as many as query heads.
    package var headCountKV: GGUFLayerValue? { layerValue("attention.head_count_kv") ?? headCount }

    /// Numbers per key head. Where the file does not say, the embedding divided by the heads.
    package var keyLength: Int? { hyperparameter("attention.key_length") ?? headLength }

    /// Numbers per value head. Where the file does not say, the embedding divided by the heads.
    package var valueLength: Int? { hyperparameter("attention.value_length") ?? headLength }

    private var headLength: Int? {
        guard let embeddingLength, let heads = headCount?.maximum, heads > 0 else {
            return nil
        }
        return embeddingLength / heads
    }

    /// Tokens that the layers with a sliding window look back.
    package var slidingWindow: Int? { hyperparameter("attention.sliding_window") }

    /// Tokens in the vocabulary.
    package var vocabularySize: Int? {
        metadata["tokenizer.ggml.tokens"]?.arrayValue?.count ?? hyperparameter("vocab_size")
    }

    /// Bytes that the vocabulary's arrays (tokens, scores, types, merges) take in the file.
    package var vocabularyBytes: Int {
        metadata.entries.reduce(0) { sum, entry in
            guard entry.key.hasPrefix("tokenizer."), let array = entry.value.arrayValue else {
                return sum
            }
            return sum + array.byteCount
        }
    }

    /// Pairs in the tokenizer's merge table.
    package var mergeCount: Int {
        metadata["tokenizer.ggml.merges"]?.arrayValue?.count ?? 0
    }
}

/// A hyper-parameter that is one number for all layers, or one for each.
package enum GGUFLayerValue: Hashable, Sendable {
    case uniform(Int)
    case perLayer([Int])

    /// The number for a layer; 0 beyond the last one that the file lists.
    package subscript(layer: Int) -> Int {
        switch self {
        case .uniform(let value): value
        case .perLayer(let values): values.indices.contains(layer) ? values[layer] : 0
        }
    }

    /// The largest of all layers.
    package var maximum: Int {
        switch self {
        case .uniform(let value): value
        case .perLayer(let values): values.max() ?? 0
        }
    }
}
