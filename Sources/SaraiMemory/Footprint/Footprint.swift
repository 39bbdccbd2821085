package import SaraiCore

/// The memory that one loaded target takes, by kind.
package struct Footprint: Hashable, Sendable, Codable {
    /// Weights in pages of the model's file: the kernel may drop them and read them again.
    package var weightsMapped: MemorySize
    /// Weights copied into memory of the process.
    package var weightsPrivate: MemorySize
    /// Keys and values of the context, and the state of layers without attention.
    package var kv: MemorySize
    /// Activations of one step, and what comes out of it.
    package var compute: MemorySize
    /// Weights, activations and inputs of the multimodal projector.
    package var projector: MemorySize
    /// Prompts kept for reuse, and checkpoints of contexts.
    package var promptCache: MemorySize
    /// The process itself: program, libraries, vocabulary, connections.
    package var overhead: MemorySize

    /// A footprint; what is not named is nothing.
    package init(
        weightsMapped: MemorySize = .zero, weightsPrivate: MemorySize = .zero, kv: MemorySize = .zero,
        compute: MemorySize = .zero, projector: MemorySize = .zero, promptCache: MemorySize = .zero,
        overhead: MemorySize = .zero
    ) {
        self.weightsMapped = weightsMapped
        self.weightsPrivate = weightsPrivate
        self.kv = kv
        self.compute = compute
        self.projector = projector
        self.promptCache = promptCache
        self.overhead = overhead
    }

    /// No memory at all.
    package static let zero = Footprint()

    /// The private kinds: what nothing can reclaim while the target is loaded.
    package var hard: MemorySize {
        weightsPrivate + kv + compute + projector + promptCache + overhead
    }

    /// All kinds. The budget holds for this figure.
    package var resident: MemorySize { hard + weightsMapped }

    /// The footprint, enlarged to what was seen where that is more: private memory and file pages each for itself.
    package func atLeast(_ peak: MeasuredMemory?) -> Footprint {
        guard let peak else {
            return self
        }
        var result = self
        result.overhead = overhead + max(.zero, max(peak.hard - hard, peak.resident - resident))
        return result
    }

    package static func + (lhs: Footprint, rhs: Footprint) -> Footprint {
        Footprint(
            weightsMapped: lhs.weightsMapped + rhs.weightsMapped,
            weightsPrivate: lhs.weightsPrivate + rhs.weightsPrivate, kv: lhs.kv + rhs.kv,
            compute: lhs.compute + rhs.compute, projector: lhs.projector + rhs.projector,
            promptCache: lhs.promptCache + rhs.promptCache, overhead: lhs.overhead + rhs.overhead)
    }
}
