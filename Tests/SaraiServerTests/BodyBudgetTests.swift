import Testing

@testable import SaraiServer

@Suite("The budget of request bodies")
struct BodyBudgetTests {
    @Test("has room until its limit, and again when a share is dropped")
    func shares() {
        let budget = BodyBudget(limit: 100)
        var first = budget.share(bytes: 60)
        #expect(first != nil && budget.bytes == 60)
        #expect(budget.share(bytes: 41) == nil)
        let second = budget.share(bytes: 40)
        #expect(second != nil && budget.bytes == 100)
        first = nil
        #expect(budget.bytes == 40)
        #expect(budget.share(bytes: 61) == nil)
        withExtendedLifetime(second) {}
    }

    @Test("takes one body of any size alone")
    func alone() {
        let budget = BodyBudget(limit: 100)
        let large = budget.share(bytes: 500)
        #expect(large != nil)
        #expect(budget.share(bytes: 1) == nil)
        withExtendedLifetime(large) {}
    }
}
