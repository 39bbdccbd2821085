import Foundation
import Testing

@testable import Sarai

/// How the service manager is reached.
@Suite struct NotifySocketTests {
    @Test(arguments: ["", "@", "/", "notify", "relative/notify", "vsock:2:1234", "/with\0zero"])
    func whatIsNoSocketIsRefused(_ text: String) {
        #expect(NotifySocket(text) == nil)
    }

    @Test func aNameMustFitIntoASocketsAddress() {
        #expect(NotifySocket("/" + String(repeating: "a", count: 106)) != nil)
        #expect(NotifySocket("/" + String(repeating: "a", count: 107)) == nil)
        #expect(NotifySocket("@" + String(repeating: "ä", count: 53)) != nil)
        #expect(NotifySocket("@" + String(repeating: "ä", count: 54)) == nil)
    }

    @Test func nobodyThereIsAnErrorAndNoMore() throws {
        let socket = try #require(NotifySocket("/tmp/sarai-\(UUID().uuidString)"))
        let error = #expect(throws: NotifySocket.Undelivered.self) { try socket.send("READY=1") }
        #expect(error?.description == "no such file or directory")
    }
}
