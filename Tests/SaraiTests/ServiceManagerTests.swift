import Logging
import Testing

@testable import Sarai

/// What the service manager wants to hear, and how it is said.
@Suite struct ServiceManagerTests {
    private func manager(_ environment: [String: String]) -> ServiceManager? {
        ServiceManager(
            environment: environment, pid: 42, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func withoutASocketNobodyWantsToHear() {
        #expect(manager(["WATCHDOG_USEC": "1000000"]) == nil)
        #expect(manager(["NOTIFY_SOCKET": ""]) == nil)
        #expect(manager(["NOTIFY_SOCKET": "vsock:2:1"]) == nil)
    }

    @Test(
        arguments: [
            ([:], nil),
            (["WATCHDOG_USEC": "60000000"], Duration.seconds(60)),
            (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "42"], Duration.seconds(60)),
            (["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "41"], nil),
            (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Duration?)])
    func aWatchdogIsOnlyMeantForWhomItNames(_ variables: [String: String], _ watchdog: Duration?) throws {
        let named = manager(["NOTIFY_SOCKET": "@x"].merging(variables) { $1 })
        #expect(try #require(named).watchdog == watchdog)
    }

    @Test func noticesAreAssignments() {
        #expect(ServiceNotice.ready.text == "READY=1")
        #expect(ServiceNotice.alive.text == "WATCHDOG=1")
        #expect(ServiceNotice.reloading(at: .seconds(2)).text == "RELOADING=1\nMONOTONIC_USEC=2000000")
        #expect(ServiceNotice.stopping(within: .milliseconds(1500)).text == "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000")
    }

    @Test func aStatusCannotSmuggleInAnotherAssignment() {
        #expect(ServiceNotice.status("wrong\nREADY=1\r\nSTOPPING=1").text == "STATUS=wrong READY=1 STOPPING=1")
    }
}
