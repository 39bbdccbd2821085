import SaraiCore

extension GGUFHeader {
    /// The template that turns a conversation into a prompt, in Jinja.
    package var chatTemplate: String? {
        metadata["tokenizer.chat_template"]?.stringValue
    }

    /// The quantisation as people write it: `Q4_K_M`.
    ///
    /// What the file says, or else the type that most of the weights have.
    package var quantization: String {
        if let number = metadata["general.file_type"]?.intValue, let label = GGUFFileType.label(number) {
            return label
        }
        var bytes: [GGMLType: Int] = [:]
        for tensor in tensors {
            bytes[tensor.type, default: 0] &+= tensor.byteCount
        }
        // Ties go to the smaller number, so that the answer does not depend on the order of a dictionary.
        let most = bytes.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }
        return most?.key.label ?? "unknown"
    }

    /// Weights in the file.
    package var parameterCount: Int {
        tensors.reduce(0) { sum, tensor in
            let (next, overflow) = sum.addingReportingOverflow(tensor.elementCount)
            return overflow ? .max : next
        }
    }

    /// The number of weights as Ollama writes it: `134.52M`, `10.7B`.
    ///
    /// Source: `format.HumanNumber` in Ollama.
    package var parameterLabel: String {
        let count = Double(parameterCount)
        let (value, unit, decimals): (Double, String, Int) =
            switch count {
            case 1e9...: (count / 1e9, "B", 1)
            case 1e6...: (count / 1e6, "M", 2)
            case 1e3...: (count / 1e3, "K", 0)
            default: (count, "", 0)
            }
        return value.formatted(decimals: value == value.rounded() ? 0 : decimals) + unit
    }

    /// How an embedding model makes one vector of many; `nil` for a model that generates.
    package var poolingType: GGUFPoolingType? {
        hyperparameter("pooling_type").flatMap(GGUFPoolingType.init)
    }

    /// Whether the model makes embeddings rather than text: it attends in both directions, or pools.
    package var isEmbeddingModel: Bool {
        if let architecture, metadata["\(architecture).attention.causal"]?.boolValue == false {
            return true
        }
        return (poolingType ?? .unpooled) != .unpooled
    }
}

/// How token vectors become the vector of a text. Source: `enum llama_pooling_type` in llama.h.
package enum GGUFPoolingType: Int, Hashable, Sendable {
    /// One vector per token.
    case unpooled = 0
    case mean = 1
    /// The first token's vector.
    case first = 2
    /// The last token's vector.
    case last = 3
    /// A score for a pair of texts.
    case rank = 4
}
