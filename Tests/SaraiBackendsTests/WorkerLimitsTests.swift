import Foundation
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiBackends

@Suite struct WorkerLimitsTests {
    /// What workers of b11434 allocated at most (VmData) on 2 threads, beside the private memory that they really used,
    /// in MiB: context and slots in the name. The footprint of a good prediction is at least the latter.
    static let measured: [(name: String, allocated: Int, used: Int, projector: Int)] = [
        ("SmolLM2 2048", 209, 82, 0), ("SmolLM2 2048 × 4", 372, 220, 0), ("SmolLM2 8192", 351, 220, 0),
        ("SmolLM2 2048 repacked", 302, 173, 0), ("gemma-3-270m 2048", 214, 91, 0),
        ("gemma-3-270m 2048 × 4", 314, 169, 0), ("e5-small 512", 374, 256, 0), ("tiny-llm 2048", 112, 9, 0),
        ("embeddinggemma-300m 2048", 2301, 2167, 0), ("SOLAR-10.7B 2048", 676, 513, 0),
        ("tiny-omni 4096 with projector", 671, 210, 168), ("tiny-omni 8192, small pictures", 687, 166, 120),
        ("Qwen2.5-Omni-7B 4096 with projector", 2886, 2406, 2000),
    ]

    @Test(arguments: measured)
    func aHealthyWorkerStaysFarBelow(row: (name: String, allocated: Int, used: Int, projector: Int)) {
        let footprint = Footprint(
            projector: .mebibytes(row.projector), overhead: .mebibytes(row.used - row.projector))
        let limit = WorkerLimits.data(for: footprint, threads: 2, stack: .mebibytes(8))
        #expect(limit >= .mebibytes(row.allocated + 128), "\(row.name)")
    }

    /// Whisper base, 2 threads, after a warm-up, on a processor for which CTranslate2 uses MKL: `VmData` and `VmHWM`.
    @Test func aWhisperModelStaysFarBelow() {
        let footprint = Footprint(overhead: .mebibytes(412))
        let limit = WorkerLimits.data(for: footprint, threads: 2, isSpeech: true, stack: .mebibytes(8))
        #expect(limit >= .mebibytes(1437 + 128))
    }

    @Test func theLimitGrowsWithFootprintThreadsAndStacks() {
        let small = Footprint(weightsMapped: .gibibytes(6), kv: .gibibytes(1))
        let limit = WorkerLimits.data(for: small, threads: 2, stack: .mebibytes(8))
        #expect(limit == .mebibytes(1024 + 256 + 18 * 8 + 384))
        #expect(WorkerLimits.data(for: small, threads: 66, stack: .mebibytes(8)) == limit + .mebibytes(512))
        #expect(
            WorkerLimits.resident(for: small, threads: 2)
                == WorkerLimits.data(for: small, threads: 2) + .gibibytes(6))
    }

    @Test func theStackOfThreadsIsKnown() {
        #expect(WorkerLimits.threadStack >= MemorySize(bytes: 16384))
    }

    @Test func aWorkerRunsUnderItsLimits() async throws {
        let limits = WorkerLimits(data: .mebibytes(300), outOfMemoryScore: 321)
        try await withWorker("#!/bin/sh\nexec cat\n", limits: limits) { worker in
            let pid = try await worker.pid()
            // The programs before the engine become it one after the other, and the id stays the same.
            try await eventually { try contents(pid, "comm") == "cat\n" }
            let limit = try contents(pid, "limits").split(separator: "\n").first { $0.hasPrefix("Max data size") }
            let words = try #require(limit).split(separator: " ")
            #expect(words[3] == "314572800" && words[4] == "314572800")
            #expect(try contents(pid, "oom_score_adj") == "321\n")
            #expect(try contents(pid, "status").contains("NoNewPrivs:\t1"))
        }
    }

    @Test func aWorkerHasANetworkOnlyWhereItCannotBeTakenAway() async throws {
        let network = await NetworkIsolation.probe()
        let limits = WorkerLimits(data: .mebibytes(300), outOfMemoryScore: 321, network: network)
        try await withWorker("#!/bin/sh\nexec cat\n", limits: limits) { worker in
            let pid = try await worker.pid()
            try await eventually { try contents(pid, "comm") == "cat\n" }
            let manager = FileManager.default
            let mine = try manager.destinationOfSymbolicLink(atPath: "/proc/self/ns/net")
            let its = try manager.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
            #expect((its == mine) == (network == .none))
            if network != .none {
                // Only a loopback device, and that is down.
                #expect(try !contents(pid, "net/fib_trie").contains("127.0.0.1"))
            }
            #expect(try contents(pid, "oom_score_adj") == "321\n")
            #expect(try contents(pid, "status").contains("NoNewPrivs:\t1"))
        }
    }

    @Test func aWorkerThatWantsMoreThanItsLimitFailsInsteadOfTheMachine() async throws {
        // dd allocates its block before it reads anything.
        let script = "#!/bin/sh\nexec dd if=/dev/zero of=/dev/null bs=400M count=1\n"
        let exit = try await withWorker(script, limits: WorkerLimits(data: .mebibytes(300)), ending: .waiting)
        #expect(exit?.status == .exited(1))
        #expect(try await withWorker(script, ending: .waiting)?.status == .exited(0))
    }

    private func contents(_ pid: Int, _ file: String) throws -> String {
        try String(contentsOfFile: "/proc/\(pid)/\(file)", encoding: .utf8)
    }

    private func eventually(_ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition(), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try condition())
    }
}
