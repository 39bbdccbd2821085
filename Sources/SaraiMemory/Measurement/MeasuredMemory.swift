package import SaraiCore

/// What a process takes of the machine's memory at one moment.
///
/// Counted as proportional set size (PSS): a page that several processes share counts for each of them by its share, so
/// that the sum over all workers is what they really take together. Source: `smaps_rollup` in proc(5).
package struct MeasuredMemory: Hashable, Sendable, Codable {
    /// Private memory that nothing can reclaim: anonymous and shared-memory pages, also those in swap.
    package var hard: MemorySize
    /// Pages of mapped files: weights, the program, its libraries. The kernel may drop them and read them again.
    package var mapped: MemorySize

    /// A measurement.
    package init(hard: MemorySize, mapped: MemorySize) {
        self.hard = hard
        self.mapped = mapped
    }

    /// All of it.
    package var resident: MemorySize { hard + mapped }

    /// Kind by kind, the larger of two measurements of the same process.
    package func peak(_ other: MeasuredMemory) -> MeasuredMemory {
        MeasuredMemory(hard: max(hard, other.hard), mapped: max(mapped, other.mapped))
    }
}
