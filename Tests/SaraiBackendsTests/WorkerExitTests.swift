import Foundation
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiBackends

@Suite struct WorkerExitTests {
    /// The ends of logs that llama-server b11434 wrote when its private data was limited.
    static let logsOfMemory = [
        """
        0.00.105.593 E ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 47185920
        0.00.105.740 E llama_init_from_model: failed to initialize the context: failed to allocate buffer for kv cache
        0.00.106.015 E srv  llama_server: exiting due to model loading error
        """,
        """
        0.00.153.747 E ggml_aligned_malloc: insufficient memory (attempted to allocate  41.96 MB)
        ggml.c:1644: GGML_ASSERT(ctx->mem_buffer != NULL) failed
        """,
        """
        0.00.236.463 I srv  llama_server: listening on unix:///run/a.sock
        terminate called after throwing an instance of 'std::system_error'
          what():  Resource temporarily unavailable
        """,
        """
        terminate called after throwing an instance of 'std::bad_alloc'
          what():  std::bad_alloc
        """,
    ]

    @Test(arguments: logsOfMemory)
    func aLogThatTellsOfMemoryIsUnderstood(text: String) throws {
        let log = WorkerLog(text: text)
        #expect(log.tellsOfMemory)
        let words = try #require(log.lastWords)
        #expect(["alloc", "insufficient memory", "unavailable"].contains { words.contains($0) })
    }

    @Test func otherLogsAreNotTakenForIt() {
        let assertion = WorkerLog(text: "0.1 E x: failed to load\nggml.c:7: GGML_ASSERT(a == b) failed\n#0 0x7 in f ()")
        #expect(assertion.lastWords == "ggml.c:7: GGML_ASSERT(a == b) failed" && !assertion.tellsOfMemory)
        let errors = WorkerLog(text: "0.1 I ok\n0.2 E first\n0.3 E second\n0.4 I bye")
        #expect(errors.lastWords == "0.2 E first" && !errors.tellsOfMemory)
        #expect(WorkerLog(text: "").lastWords == nil && WorkerLog(path: "/nowhere/at/all") == nil)
    }

    @Test func killsAreThoseThatTheKernelCountedMeanwhile() {
        let before = MemoryKills(machine: 3, group: nil)
        #expect(before.evidence(now: MemoryKills(machine: 3, group: 0)) == .none)
        #expect(before.evidence(now: MemoryKills(machine: 4, group: 0)) == .killedWithMachine)
        #expect(before.evidence(now: MemoryKills(machine: 4, group: 1)) == .killedByLimit)
        #expect(MemoryKills(machine: nil, group: nil).evidence(now: MemoryKills(machine: 9, group: nil)) == .none)
    }

    @Test func descriptionsSayWhatIsKnown() {
        func text(_ status: WorkerExit.Status, _ memory: WorkerExit.MemoryEvidence = .none) -> String {
            WorkerExit(status, lastWords: "E x", memory: memory).description
        }
        #expect(text(.exited(1)) == "the worker exited with status 1: E x")
        #expect(text(.exited(1), .allocationFailed) == "the worker ran out of memory and exited with status 1: E x")
        #expect(text(.signalled(6), .allocationFailed) == "the worker ran out of memory and aborted: E x")
        #expect(text(.signalled(9)).hasPrefix("the worker was killed (SIGKILL"))
        #expect(text(.signalled(9), .killedByLimit).contains("more memory than its limit allows"))
        #expect(text(.signalled(9), .killedWithMachine).contains("the machine ran out of memory"))
    }

    @Test func aWorkerThatAbortsForMemoryIsReportedAsSuch() async throws {
        let script = "#!/bin/sh\necho 'E ggml_aligned_malloc: insufficient memory' >&2\nkill -ABRT $$\n"
        let exit = try await withWorker(script, ending: .waiting)
        #expect(exit?.isForMemory == true)
        #expect(
            exit?.description == "the worker ran out of memory and aborted: E ggml_aligned_malloc: insufficient memory")
    }
}
