import SaraiCore
import Testing

@testable import SaraiServer

@Suite("How many models are fetched for clients at the same time")
struct PullGateTests {
    @Test("two, and the next when one has ended, however it ends")
    func capacity() throws {
        let gate = PullGate()
        let first = try gate.enter()
        do {
            let forgotten = try gate.enter()
            let error = #expect(throws: PoolError.self) { try gate.enter() }
            #expect(error?.code == .busy && error?.retryAfter != nil)
            withExtendedLifetime(forgotten) {}
        }
        let second = try gate.enter()
        first.end()
        first.end()
        let third = try gate.enter()
        #expect(throws: PoolError.self) { try gate.enter() }
        withExtendedLifetime((second, third)) {}
    }
}
