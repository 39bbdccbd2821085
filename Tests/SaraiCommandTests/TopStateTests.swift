import Foundation
import SaraiCore
import Testing

@testable import SaraiCommand
@testable import SaraiPool

@Suite("What the keys of sarai top do")
struct TopStateTests {
    @Test("arrows choose, and stop at the ends")
    func choosing() throws {
        var state = try TopSample.state()
        #expect(state.selected?.name == "solar")
        _ = state.press(.up)
        #expect(state.selected?.name == "solar")
        for _ in 0..<9 {
            _ = state.press(.down)
        }
        #expect(state.selected?.name == "日本語")
        _ = state.press(.home)
        _ = state.press(.character("j"))
        #expect(state.selected?.name == "lfm2")
    }

    @Test("the chosen model stays chosen when the order changes")
    func sorting() throws {
        var state = try TopSample.state()
        #expect(state.models.map(\.name) == ["solar", "lfm2", "omni", "日本語"])
        _ = state.press(.down)
        var orders: [[String]] = []
        for _ in TopState.Order.allCases {
            _ = state.press(.character("s"))
            orders.append(state.models.map(\.name))
            #expect(state.selected?.name == "lfm2")
        }
        #expect(
            orders == [
                ["lfm2", "omni", "solar", "日本語"], ["solar", "lfm2", "omni", "日本語"],
                ["solar", "lfm2", "omni", "日本語"], ["lfm2", "omni", "solar", "日本語"],
                ["solar", "lfm2", "omni", "日本語"],
            ])
    }

    @Test("what loads or pins does so at once; what ends a worker asks first")
    func commands() throws {
        var state = try TopSample.state()
        #expect(state.press(.character("l")) == .perform(.load("solar")))
        _ = state.press(.down)
        #expect(state.press(.character("p")) == .perform(.pin("lfm2", false)))
        state.ended(.pin("lfm2", false), failure: nil)
        #expect(state.press(.character("p")) == .perform(.pin("lfm2", true)), "also before the next look")
        #expect(state.press(.character("u")) == nil)
        #expect(state.overlay == .question(.unload("lfm2")))
        #expect(state.press(.character("n")) == nil)
        #expect(state.overlay == nil && state.notice?.text == "lfm2 stays as it is")
        _ = state.press(.character("u"))
        #expect(state.press(.character("y")) == .perform(.unload("lfm2")))
        #expect(state.overlay == nil)
    }

    @Test("quitting is possible everywhere; help goes with any key")
    func quitting() throws {
        var state = try TopSample.state()
        #expect(state.press(.character("q")) == .quit)
        _ = state.press(.character("?"))
        #expect(state.overlay == .help)
        #expect(state.press(.character("q")) == nil, "it only closes the help")
        #expect(state.overlay == nil)
        _ = state.press(.character("u"))
        #expect(state.press(.control("z")) == .suspend)
        #expect(state.press(.control("c")) == .quit)
    }

    @Test("a daemon that was away counts anew, and so do its events")
    func again() throws {
        var state = try TopSample.state()
        #expect(state.rates["solar"]?.tokensPerSecond == 24)
        state.lost("nobody answers")
        #expect(state.connection == .lost("nobody answers"))
        state.saw(try TopSample.snapshot(), at: .now + .seconds(60))
        #expect(state.connection == .connected)
        #expect(state.rates["solar"]?.tokensPerSecond == nil)
        #expect(state.events.count == 2)
        state.happened(PoolEvent(id: 1, time: .now, body: .draining))
        #expect(state.events.map(\.id) == [1])
    }

    @Test("a model that is gone is not chosen any more")
    func gone() throws {
        var state = try TopSample.state()
        _ = state.press(.end)
        var snapshot = try TopSample.snapshot()
        snapshot.models.removeLast()
        state.saw(snapshot, at: .now)
        #expect(state.selected?.name == "solar")
    }
}

@Suite("How fast models go")
struct TopRatesTests {
    private func totals(requests: Int, seconds: Double, tokens: Int) -> PoolSnapshot.Totals {
        var totals = PoolSnapshot.Totals()
        totals.requests = requests
        totals.requestSeconds = seconds
        totals.generatedTokens = tokens
        return totals
    }

    @Test("after one look there are averages only")
    func one() {
        let rates = TopRates(from: nil, to: totals(requests: 4, seconds: 8, tokens: 100), elapsed: .zero)
        #expect(rates.tokensPerSecond == nil && rates.requestsPerSecond == nil)
        #expect(rates.requestSeconds == 2 && rates.firstTokenSeconds == nil)
    }

    @Test("after two, what happened between them")
    func two() {
        let rates = TopRates(
            from: totals(requests: 4, seconds: 8, tokens: 100), to: totals(requests: 6, seconds: 9, tokens: 150),
            elapsed: .seconds(2))
        #expect(rates.tokensPerSecond == 25 && rates.requestsPerSecond == 1 && rates.requestSeconds == 0.5)
    }

    @Test("where nothing happened averages are of all the time, and speeds are none")
    func idle() {
        let same = totals(requests: 4, seconds: 8, tokens: 100)
        let rates = TopRates(from: same, to: same, elapsed: .seconds(2))
        #expect(rates.tokensPerSecond == 0 && rates.requestSeconds == 2)
    }

    @Test("rates are of the last seconds, not of all the time")
    func window() throws {
        var history = TopHistory()
        var snapshot = try TopSample.snapshot()
        let start = ContinuousClock.now
        var rates: [String: TopRates] = [:]
        for second in 0...20 {
            snapshot.models[0].totals.generatedTokens = second < 10 ? second * 100 : 1000
            rates = history.add(snapshot, at: start + .seconds(second))
        }
        #expect(rates["solar"]?.tokensPerSecond == 0)
    }
}
