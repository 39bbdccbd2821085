#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Foundation
package import SaraiCore
package import SaraiMemory

/// What keeps a worker that takes more than was predicted from harming the rest of the machine.
package struct WorkerLimits: Sendable {
    /// The most private writable memory that the worker may have (RLIMIT_DATA); `nil` for no limit.
    package var data: MemorySize?
    /// How much sooner than others the kernel ends the worker when memory runs out, -1000…1000 (`oom_score_adj`).
    package var outOfMemoryScore: Int
    /// The worker's own cgroup, where there is one.
    package var group: ControlGroup?
    /// How the worker is kept from the network.
    package var network: NetworkIsolation

    /// Limits; unless told otherwise, the kernel only prefers the worker to the daemon when memory runs out.
    package init(
        data: MemorySize? = nil, outOfMemoryScore: Int = 500, group: ControlGroup? = nil,
        network: NetworkIsolation = .none
    ) {
        self.data = data
        self.outOfMemoryScore = outOfMemoryScore
        self.group = group
        self.network = network
    }

    /// The limit on private data that a healthy worker with this footprint never reaches.
    ///
    /// RLIMIT_DATA counts what is allocated, used or not: a whole stack per thread, buffers before their first use.
    /// Measured on nine models, with one slot and four, text, pictures and sound, on 2 threads: 78 to 241 MiB above the
    /// private memory really used, for the most part stacks; with a projector 430 to 640 MiB, whatever its size, for its
    /// buffers for pictures and for sound are there from the start; with a Whisper model 1060 MiB
    /// where its library is MKL. A limit below that makes the engine abort or refuse requests, so the margin is wide: this stops a worker that runs away, not one that is a little larger than
    /// predicted.
    ///
    /// - Parameters:
    ///   - footprint: what the worker is predicted to take.
    ///   - threads: threads of one step; the engine's other threads are in the margin.
    ///   - isSpeech: whether it runs a Whisper model.
    ///   - stack: address space per thread.
    /// - Returns: private writable address space.
    package static func data(
        for footprint: Footprint, threads: Int, isSpeech: Bool = false, stack: MemorySize = threadStack
    ) -> MemorySize {
        let share = MemorySize(bytes: footprint.hard.bytes / 4)
        let stacks = MemorySize(bytes: stack.bytes * (threads + 16))
        let unusedBuffers = MemorySize.mebibytes(isSpeech ? 1536 : footprint.projector > .zero ? 896 : 384)
        return footprint.hard + share + stacks + unusedBuffers
    }

    /// The limit for everything that the worker has, file pages included (`memory.max` of its cgroup).
    ///
    /// The same room for private memory as ``data(for:threads:isSpeech:stack:)``, and all mapped weights. Pages that are read
    /// beyond that, for instance of weights that are copied while loading, push each other out and end nothing.
    package static func resident(for footprint: Footprint, threads: Int, isSpeech: Bool = false) -> MemorySize {
        data(for: footprint, threads: threads, isSpeech: isSpeech) + footprint.weightsMapped
    }

    /// The stack of a thread in a program that this process starts: the soft limit (`ulimit -s`), or 8 MiB where there
    /// is none, which no C library exceeds then.
    package static var threadStack: MemorySize {
        var limit = rlimit()
        guard getrlimit(.init(RLIMIT_STACK.rawValue), &limit) == 0, limit.rlim_cur < 1 << 40 else {
            return .mebibytes(8)
        }
        return MemorySize(bytes: Int(limit.rlim_cur))
    }

    /// How soon the kernel would end this process itself; 0 where that is not known.
    static var ownOutOfMemoryScore: Int {
        let text = try? String(contentsOfFile: "/proc/self/oom_score_adj", encoding: .utf8)
        return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }

    /// The most private data that this process itself may ever have, in bytes.
    static var ownData: UInt64 {
        var limit = rlimit()
        guard getrlimit(.init(RLIMIT_DATA.rawValue), &limit) == 0 else {
            return .max
        }
        return UInt64(limit.rlim_max)
    }
}
