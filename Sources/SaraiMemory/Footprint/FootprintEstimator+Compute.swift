extension FootprintEstimator {
    /// Bytes of what lives between the layers during one step.
    ///
    /// At the widest point, inside a feed-forward network, 3 rows of its width and 5 of the embedding's width live per
    /// token, in 32-bit numbers. Equal to the engine's figure (`sched_reserve`) to 0.2 % for SOLAR, Qwen2.5-Omni, LFM2
    /// and SmolLM2; 3 MiB too much for gemma, whose heads are wider than its embedding. The factor on top is the copy in 8
    /// bits of the widest row, which the matrix products multiply with. Mixtures of experts are not calibrated.
    var activationBytes: Int {
        let width = max(feedForwardWidth, model.hyperparameter("ssm.inner_size") ?? 0)
        let heads = (model.headCount?.maximum ?? 0).saturating(times: model.keyLength ?? 0)
        let embedding = max(model.embeddingLength ?? 0, heads)
        let numbers = width.saturating(times: 3).saturating(plus: embedding.saturating(times: 5))
        let copy = max(width, embedding).saturating(times: 5) / 4
        return microBatch.saturating(times: numbers.saturating(times: 4).saturating(plus: copy))
    }

    /// The width of the feed-forward network: of all experts that work on a token, for a mixture of them.
    private var feedForwardWidth: Int {
        let experts = model.hyperparameter("expert_used_count") ?? 0
        let expertWidth = model.hyperparameter("expert_feed_forward_length") ?? model.feedForwardLength?.maximum ?? 0
        let shared = model.hyperparameter("expert_shared_feed_forward_length") ?? 0
        // Each expert's output lives beside the others until they are summed.
        let perExpert = expertWidth.saturating(plus: model.embeddingLength ?? 0)
        let mixture = experts.saturating(times: perExpert).saturating(plus: shared)
        return max(model.feedForwardLength?.maximum ?? 0, mixture)
    }

    /// Bytes of the attention masks: who may look at whom, 16 bits for each pair of a new token and a token of context.
    ///
    /// A second mask where the model has layers with a sliding window. Equal to the engine's figure; where slots share their
    /// context, which no slot of Sarai's does, up to 2 MiB more for gemma.
    var maskBytes: Int {
        var width = isEncoder ? microBatch : contextLength
        if model.slidingWindow != nil {
            width = width.saturating(plus: isEncoder ? microBatch : slidingLength)
        }
        if settings.loadMode == .engineDefault, !isEncoder {
            // Unless it is told how many slots there are, the engine gives them one context together (`--kv-unified`): a
            // step of one may look at the tokens of all.
            width = width.saturating(times: slots)
        }
        return microBatch.saturating(times: width).saturating(times: 2)
    }

    /// Bytes of what a step puts out.
    ///
    /// For text, a score for each token of the vocabulary, per slot: in the graph, in the output buffer, and as the
    /// sampler's candidates of 12 bytes. For embeddings, the engine keeps a row of scores for *every* token of a step, used
    /// or not: 489 MiB for multilingual-e5-small with its 250 037 tokens at a step of 512, four times that at 2048.
    /// Source: `llama_context::output_reserve` in llama-context.cpp; measured with full steps.
    var outputBytes: Int {
        let row = (model.vocabularySize ?? 0).saturating(plus: model.embeddingLength ?? 0)
        guard settings.isEmbedding else {
            return slots.saturating(times: row).saturating(times: 24)
        }
        return microBatch.saturating(times: row).saturating(times: 4)
    }
}
