package import SaraiCore

/// Predicts the memory of a loaded model from headers, without the weights.
///
/// Meant to be never below what a worker really takes and not far above it. The formulas follow llama.cpp (b11434,
/// processor only, flash attention) and are calibrated against real workers: each says what it was compared with. Where
/// the engine's dry run can be had, its figures replace most of them; the formulas serve before that, and for files that are
/// not on this machine.
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
    ///   - model: the header of the model's file; of a model that is split into several files, that of all of them (see
    ///     ``GGUFHeader/merging(_:)``).
    ///   - projector: the header of its multimodal projector, if it has one.
    ///   - settings: how it is loaded.
    package init(model: GGUFHeader, projector: GGUFHeader? = nil, settings: LoadSettings) {
        self.model = model
        self.projector = projector
        self.settings = settings
    }

    /// The memory that the worker will take at its peak.
    ///
    /// - Parameters:
    ///   - buffers: what the engine's own dry run says for these same settings. It takes the place of the formulas
    ///     for weights, context and activations, and of those for the vocabulary; what no dry run counts stays a formula:
    ///     outputs, the projector, the prompt cache, the process.
    ///   - process: what dry runs with whatever settings say of the engine's process, in place of the figure in `buffers`.
    ///     It is for the most part the vocabulary, which is the same with all settings: measured on four models, it changes
    ///     by less than 1 MiB, and by at most 1.4 MiB per slot, for which the formula has more.
    /// - Returns: the memory by kind.
    package func estimate(buffers: EngineBuffers? = nil, process: MemorySize? = nil) -> Footprint {
        let (mapped, copied) = weights(buffers)
        // Beside figures of the engine ours are rounded as they are: else a change from settings that it was asked about to
        // others would seem to save what is only rounded off.
        let isBesideEngine = buffers == nil && process != nil
        func comparable(_ bytes: Int) -> Int {
            isBesideEngine ? Self.roundedLikeEngine(bytes) : bytes
        }
        let context = buffers?.context.bytes ?? comparable(cacheBytes.saturating(plus: recurrentBytes))
        let compute = buffers?.compute.bytes ?? comparable(activationBytes.saturating(plus: maskBytes))
        return Footprint(
            weightsMapped: size(comparable(mapped)), weightsPrivate: size(comparable(copied)), kv: size(context),
            compute: size(compute.saturating(plus: outputBytes)), projector: size(projectorBytes),
            promptCache: size(settings.promptCacheMebibytes.saturating(times: 1 << 20)),
            overhead: size(overheadBytes(engine: (process ?? buffers?.process)?.bytes)))
    }

    /// The next whole MiB above, as the engine's figures are counted; nothing remains nothing.
    private static func roundedLikeEngine(_ bytes: Int) -> Int {
        bytes > 0 ? (bytes >> 20).saturating(plus: 1).saturating(times: 1 << 20) : bytes
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
