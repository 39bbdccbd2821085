package import SaraiCore

/// What the engine itself says that a model will take, before it loads it.
///
/// Counted for one build of the engine, one file and one ``LoadSettings``: with any other, the figures are others.
package struct EngineBuffers: Hashable, Sendable, Codable {
    /// Weights in the layout of the file. With a mapping they are pages of it.
    package var weights: MemorySize
    /// Weights copied into a layout of the processor's own.
    package var repacked: MemorySize
    /// Keys and values of all slots, and the state of layers without attention.
    package var context: MemorySize
    /// Activations of one step.
    package var compute: MemorySize
    /// Private memory of the engine's process when it knows the above: its vocabulary, and little else.
    package var process: MemorySize

    /// Figures of the engine.
    package init(
        weights: MemorySize, repacked: MemorySize, context: MemorySize, compute: MemorySize, process: MemorySize
    ) {
        self.weights = weights
        self.repacked = repacked
        self.context = context
        self.compute = compute
        self.process = process
    }
}
