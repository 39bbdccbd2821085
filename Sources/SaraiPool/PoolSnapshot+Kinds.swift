import SaraiCore
package import SaraiMemory

extension PoolSnapshot {
    /// What a local target is expected to use, by kind, bytes.
    package struct PredictedKinds: Codable, Hashable, Sendable {
        /// Weights in pages of the model's file.
        package var weightsMapped: Int
        /// Weights copied into memory of the process.
        package var weightsPrivate: Int
        /// Keys and values of the context.
        package var kv: Int
        /// Activations of one step.
        package var compute: Int
        /// The multimodal projector.
        package var projector: Int
        /// Prompts kept for reuse.
        package var promptCache: Int
        /// The process itself.
        package var overhead: Int

        /// A prediction, in bytes.
        package init(_ footprint: Footprint) {
            weightsMapped = footprint.weightsMapped.bytes
            weightsPrivate = footprint.weightsPrivate.bytes
            kv = footprint.kv.bytes
            compute = footprint.compute.bytes
            projector = footprint.projector.bytes
            promptCache = footprint.promptCache.bytes
            overhead = footprint.overhead.bytes
        }

        private enum CodingKeys: String, CodingKey {
            case kv, compute, projector, overhead
            case weightsMapped = "weights_mapped"
            case weightsPrivate = "weights_private"
            case promptCache = "prompt_cache"
        }
    }

    /// What a worker was seen to use, by kind, bytes (PSS).
    package struct MeasuredKinds: Codable, Hashable, Sendable {
        /// Pages of the model's files.
        package var modelFiles: Int
        /// Private memory: keys and values, activations, copied weights.
        package var anonymous: Int
        /// Pages of the program and its libraries.
        package var program: Int
        /// What the operating system holds of the model's files, used or not; not part of what the worker takes.
        package var pageCache: Int

        /// A measurement, in bytes.
        init(_ kinds: SaraiPool.MeasuredKinds) {
            modelFiles = kinds.worker.modelFiles.bytes
            anonymous = kinds.worker.anonymous.bytes
            program = kinds.worker.program.bytes
            pageCache = kinds.fileCache.bytes
        }

        private enum CodingKeys: String, CodingKey {
            case anonymous, program
            case modelFiles = "model_files"
            case pageCache = "page_cache"
        }
    }
}
