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
        Sarai at http://127.0.0.1:11435                       memory calm   cores 1 of 2
        Memory 2.00 GiB reserved of 4.00 GiB (50 %); measured 1.17 GiB, 300 MiB private
        ████████▓▓▓▓▒▒░░█████▓▓▓▒▒░░------------········································
        lfm2 800 MiB  omni 600 MiB

          MODEL   STATE         TARGET             RUN  QUEUE   TOK/S    FIRST    MEMORY
        > solar   ready         ollama_http@10.0…    1      2    24.0   250 ms         –
          lfm2    ready         gguf_native          0      0     0.0        –   800 MiB
          omni    loading 42 %  gguf_native          0      0     0.0        –   600 MiB
          日本語  failed        gguf_native          0      0     0.0        –         –

        solar  expert  ctx 2048 × 1, kv f16, ub 512, mapped
          ollama_http@10.0.0.7:11434  ready         1 of 4
          gguf_native                 unloaded      0 of 1
          predicted  weights mapped 300 MiB, kv 150 MiB, compute 75.0 MiB, process 75.0…

        03:04:06  solar                       fails over from solar/ollama_http@10.0.0.…
        03:04:05  solar/gguf_native           ready after 1.25 s





        q quit  ↑↓ choose  l load  u unload  p pin  s sort: configuration  ? help
        """
    private static let wide = """
        Sarai at http://127.0.0.1:11435                                                               memory calm   cores 1 of 2
        Memory 2.00 GiB reserved of 4.00 GiB (50 %); measured 1.17 GiB, 300 MiB private
        ████████████▓▓▓▓▓▓▒▒▒░░█████████▓▓▓▓▓▒▒░░░------------------····························································
        lfm2 800 MiB  omni 600 MiB                            █ weights  ▓ context  ▒ compute  ░ other  - held for twins  · free

          MODEL   STATE         TARGET                       RUN  QUEUE   TOK/S    FIRST   ANSWER    MEMORY  PREDICTED  STAYS
        > solar   ready         ollama_http@10.0.0.7:11434     1      2    24.0   250 ms   1.75 s         –    600 MiB
          lfm2    ready         gguf_native                    0      0     0.0        –        –   800 MiB    800 MiB  pinned
          omni    loading 42 %  gguf_native                    0      0     0.0        –        –   600 MiB    600 MiB  280 s
          日本語  failed        gguf_native                    0      0     0.0        –        –         –    600 MiB

        solar  expert  ctx 2048 × 1, kv f16, ub 512, mapped
          ollama_http@10.0.0.7:11434  ready         1 of 4
          gguf_native                 unloaded      0 of 1
          predicted  weights mapped 300 MiB, kv 150 MiB, compute 75.0 MiB, process 75.0 MiB

        03:04:06  solar                         fails over from solar/ollama_http@10.0.0.7:11434 to solar/gguf_native: connecti…
        03:04:05  solar/gguf_native             ready after 1.25 s

        q quit  ↑↓ choose  l load  u unload  p pin  s sort: configuration  ? help
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
