package import SaraiCore

/// What a process takes of the machine's memory, by kind. Counted as proportional set size, as ``MeasuredMemory`` is.
package struct WorkerMemory: Hashable, Sendable, Codable {
    /// Pages of the model's own files. Weights that were copied into memory are not here but in ``anonymous``.
    package var modelFiles: MemorySize
    /// Private memory that nothing can reclaim: keys and values, activations, copied weights, stacks.
    package var anonymous: MemorySize
    /// Pages of the program, its libraries and any other file.
    package var program: MemorySize

    /// A measurement.
    package init(modelFiles: MemorySize, anonymous: MemorySize, program: MemorySize) {
        self.modelFiles = modelFiles
        self.anonymous = anonymous
        self.program = program
    }

    /// All of it.
    package var resident: MemorySize { modelFiles + anonymous + program }

    /// The same in the two kinds that the ledger knows.
    package var measured: MeasuredMemory {
        MeasuredMemory(hard: anonymous, mapped: modelFiles + program)
    }
}
