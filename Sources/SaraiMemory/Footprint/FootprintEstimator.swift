import SaraiCore

/// Predicts the memory of a loaded model from headers alone, without the weights.
///
/// Meant to be never below what a worker really takes and not far above it. The formulas follow llama.cpp (b11434,
/// processor only, flash attention) and are calibrated against real workers: each says what it was compared with. A
/// dry run of the engine is more exact; this serves before that, and for files that are not on this machine.
package struct FootprintEstimator {
    /// The language or embedding model.
    let model: GGUFHeader
    /// Its multimodal projector.
    let projector: GGUFHeader?
    /// How it is loaded.
    let settings: LoadSettings

    /// An estimator for one way to load one model.
    ///
    /// - Parameters:
    ///   - model: the header of the model's file. Of a model that is split into several files, only what this one holds
    ///     can be counted.
    ///   - projector: the header of its multimodal projector, if it has one.
    ///   - settings: how it is loaded.
    package init(model: GGUFHeader, projector: GGUFHeader? = nil, settings: LoadSettings) {
        self.model = model
        self.projector = projector
        self.settings = settings
    }

    /// The memory that the worker will take at its peak.
    package func estimate() -> Footprint {
        let isMapped = settings.loadMode == .mapped
        return Footprint(
            weightsMapped: size(isMapped ? weightBytes : 0),
            weightsPrivate: size(isMapped ? 0 : weightBytes.saturating(plus: duplicatedOutputBytes)),
            kv: size(cacheBytes.saturating(plus: recurrentBytes)),
            compute: size(activationBytes.saturating(plus: maskBytes).saturating(plus: outputBytes)),
            projector: size(projectorBytes),
            promptCache: size(settings.promptCacheMebibytes.saturating(times: 1 << 20)),
            overhead: size(overheadBytes))
    }

    /// A size that can be added to others without overflow, whatever a file claims: 1 PiB at most.
    private func size(_ bytes: Int) -> MemorySize {
        MemorySize(bytes: min(max(0, bytes), 1 << 50))
    }

    /// Tokens of context per slot. The engine rounds up to whole blocks of 256.
    var contextLength: Int {
        let blocks = (max(1, settings.contextLength).saturating(plus: 255)) / 256
        return blocks.saturating(times: 256)
    }

    /// Tokens of context of all slots together.
    var totalContext: Int {
        contextLength.saturating(times: slots)
    }

    /// Requests at the same time.
    var slots: Int {
        max(1, settings.slots)
    }

    /// Tokens that are evaluated in one step.
    var microBatch: Int {
        min(max(1, settings.microBatch), totalContext)
    }
}
