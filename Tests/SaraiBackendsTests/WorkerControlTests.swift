import AsyncHTTPClient
import Foundation
import SaraiCore
import Subprocess
import Synchronization
import Testing

@testable import SaraiBackends

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Workers whose engine is a small program of the system: what a worker is told and how it ends does not depend on
/// models.
@Suite struct WorkerControlTests {
    /// Waits for input and ends when there is no more, as a loaded llama-server does.
    static let obedient = "#!/bin/sh\nexec cat\n"
    /// Ends by no request, from the moment that it reports.
    static let stubborn = """
        #!/bin/sh
        trap '' TERM
        echo 'cmd_child_to_router:state:{"state":"loading","payload":{}}'
        while :; do read -r line || sleep 1; done

        """

    @Test func aWorkerIsHeldStillAndGoesOn() async throws {
        try await withWorker(Self.obedient) { worker in
            let pid = try await worker.pid()
            let running = try await state(of: pid) { $0 == "S" || $0 == "R" }
            #expect(running != "T" && !worker.control.isPaused)
            for _ in 0..<2 {
                worker.control.pause()
                #expect(try await state(of: pid) { $0 == "T" } == "T")
                #expect(worker.control.isPaused)
            }
            worker.control.resume()
            #expect(try await state(of: pid) { $0 != "T" } != "T")
            #expect(!worker.control.isPaused)
        }
    }

    @Test func aPauseThatIsAskedForBeforeTheStartHoldsFromTheStart() async throws {
        let control = WorkerControl()
        control.pause()
        #expect(control.isPaused)
        try await withWorker(Self.obedient, control: control) { worker in
            let pid = try await worker.pid()
            #expect(try await state(of: pid) { $0 == "T" } == "T")
        }
    }

    @Test func aWorkerThatIsHeldStillStopsAsAnyOther() async throws {
        let exit = try await withWorker(Self.obedient) { worker in
            let pid = try await worker.pid()
            worker.control.pause()
            _ = try await state(of: pid) { $0 == "T" }
        }
        // Held still, it would be killed after three seconds.
        #expect(exit?.status != .signalled(Int(SIGKILL)))
    }

    @Test func aWorkerThatIsHeldStillHearsOfACancellation() async throws {
        let exit = try await withWorker(Self.obedient, ending: .cancelling) { worker in
            let pid = try await worker.pid()
            worker.control.pause()
            _ = try await state(of: pid) { $0 == "T" }
        }
        #expect(exit?.status != .signalled(Int(SIGKILL)))
    }

    @Test func nothingIsHeldStillAfterTheEnd() async throws {
        let control = WorkerControl()
        try await withWorker(Self.obedient, control: control) { _ = try await $0.pid() }
        control.pause()
        #expect(!control.isPaused)
        control.resume()
    }

    @Test func anEndingWorkerIsNeverHeldStillAgain() {
        let control = WorkerControl()
        control.end()
        // A worker that is told to end in the moment of its start.
        control.begin(pid: getpid())
        control.pause()
        #expect(!control.isPaused)
    }

    @Test func aWorkerThatDoesNotEndIsKilledAndThatIsNotForMemory() async throws {
        let exit = try await withWorker(Self.stubborn) { try await $0.loading() }
        #expect(exit?.status == .signalled(Int(SIGKILL)))
        #expect(exit?.isForMemory == false)
    }
}
