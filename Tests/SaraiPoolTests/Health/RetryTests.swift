import SaraiCore
import Testing

@testable import SaraiPool

@Suite struct RetryTests {
    @Test(arguments: [
        (active: 0, retries: 3), (active: 15, retries: 3), (active: 16, retries: 4), (active: 50, retries: 10),
    ])
    func aFifthOfTheActiveRequestsMayBeRetriedAndThreeInAnyCase(active: Int, retries: Int) {
        var budget = RetryBudget()
        for _ in 0..<active {
            budget.beginRequest()
        }
        var begun = 0
        while begun < 1000, budget.beginRetryIfAllowed() {
            begun += 1
        }
        #expect(begun == retries)
        budget.endRetry()
        let mayAgain = budget.beginRetryIfAllowed()
        #expect(mayAgain)
    }

    @Test(arguments: 0..<20)
    func retriesStayInTheBudgetWhateverBeginsAndEnds(seed: UInt64) {
        var random = SplitMix(state: seed)
        var budget = RetryBudget()
        var mostActive = 0, refusals = 0
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: budget.beginRequest()
            case 3...4 where budget.active > 0: budget.endRequest()
            case 5...8: refusals += budget.beginRetryIfAllowed() ? 0 : 1
            case 9 where budget.retries > 0: budget.endRetry()
            default: break
            }
            mostActive = max(mostActive, budget.active)
            #expect(budget.retries <= max(3, mostActive / 5 + 1))
        }
        #expect(refusals > 0)
    }

    @Test func theWaitDoublesUpToALimitAndIsDrawnEvenly() {
        let backoff = Backoff()
        let limits = (0...8).map { backoff.delay(attempt: $0, random: 1) }
        #expect(limits == [50, 100, 200, 400, 800, 1600, 2000, 2000, 2000].map { .milliseconds($0) })
        #expect(backoff.delay(attempt: 3, random: 0) == .zero)
        #expect(backoff.delay(attempt: 3, random: 0.25) == .milliseconds(100))
        #expect(backoff.delay(attempt: .max, random: 0.5) == .seconds(1))
    }
}
