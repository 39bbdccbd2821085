import Foundation
import SaraiCore
import Testing

@testable import SaraiCommand
@testable import SaraiPool

@Suite("What sarai top draws")
struct TopFrameTests {
    private func frame(_ state: TopState, _ width: Int, _ height: Int?) -> [StyledLine] {
        TopFrame(state, width: width, height: height, zone: .gmt).lines
    }

    @Test("a frame has as many lines as the terminal, none of them wider", arguments: [20, 33, 60, 80, 119, 240])
    func size(width: Int) throws {
        var state = try TopSample.state()
        for key in [Key.end, .character("?"), .character("?"), .character("u"), .character("n")] {
            _ = state.press(key)
            for height in [1, 2, 5, 8, 12, 24, 60] {
                let lines = frame(state, width, height)
                #expect(lines.count == height)
                #expect(lines.allSatisfy { $0.width <= width }, "\(lines.map(\.text))")
            }
        }
        #expect(frame(TopState(address: "x"), width, 5).count == 5)
    }

    /// The frames as they were when somebody looked at them last.
    private static let narrow = """
        x
        """
    private static let wide = """
        x
        """

    @Test("the frames as they should look", arguments: [(80, 24, narrow), (120, 20, wide)])
    func golden(width: Int, height: Int, expected: String) throws {
        let text = frame(try TopSample.state(), width, height).map(\.text).joined(separator: "\n")
        #expect(text == expected, "\n\(text)\n")
    }

    @Test("the chosen model is always in sight")
    func scrolling() throws {
        var state = try TopSample.state()
        for key in [Key.home, .down, .down, .end] {
            _ = state.press(key)
            let chosen = try #require(state.selected?.name)
            for height in 9...14 {
                #expect(frame(state, 80, height).contains { $0.text.hasPrefix("> \(chosen)") }, "\(height)")
            }
        }
    }

    @Test("the bar is as wide as the terminal, and its parts are in proportion", arguments: [20, 80, 200])
    func bar(width: Int) throws {
        let snapshot = try TopSample.snapshot()
        let bar = TopMemoryBar(snapshot, width: width).bar
        #expect(bar.width == width)
        let free = bar.text.filter { $0 == "·" }.count
        #expect(abs(Double(free) / Double(width) - 0.5) < 0.06, "half of the budget is free")
        var over = snapshot
        over.budgetBytes = 100 << 20
        #expect(TopMemoryBar(over, width: width).bar.width == width)
        #expect(!TopMemoryBar(over, width: width).bar.text.contains("·"))
    }

    @Test("without a daemon it says so, and keeps what was known")
    func reconnecting() throws {
        var state = try TopSample.state()
        state.lost("nobody answers")
        let lines = frame(state, 80, 24).map(\.text)
        #expect(lines[0] == "Sarai at http://127.0.0.1:11435  reconnecting: nobody answers")
        #expect(lines.contains { $0.contains("lfm2") })
    }

    @Test("colours are left out where they are not wanted, but not what is chosen")
    func colours() throws {
        let lines = frame(try TopSample.state(), 80, 24)
        let plain = lines.map { $0.rendered(TextStyle(isColored: false)) }.joined()
        #expect(plain.matches(of: /\u{1B}\[(\d+)m/).map { String($0.output.1) } == ["7", "0"])
        #expect(lines.map { $0.rendered(TextStyle(isColored: true)) }.joined().contains("\u{1B}[32m"))
    }
}
