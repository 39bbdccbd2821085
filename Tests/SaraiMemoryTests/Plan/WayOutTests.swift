import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Ways out of a plan")
struct WayOutTests {
    /// 1000 weights, and at least 128 cache and 16 step.
    private let solar = FormulaModel(name: "solar", weights: 1000, server: .preferred)
    private let omni = FormulaModel(name: "omni", weights: 2000, projector: 500)
    /// What both take at their smallest.
    private let smallest = 1144 + 2644

    private func texts(_ missing: Int, _ models: [FormulaModel]? = nil) throws -> [String] {
        try plan(models ?? [solar, omni], mebibytes: smallest - missing).waysOut.map(\.text)
    }

    @Test("one setting is enough")
    func single() throws {
        let ways = try plan([solar, omni], mebibytes: smallest - 64).waysOut
        #expect(
            ways.prefix(4).map(\.text) == [
                "Allow kv_types q4_0 for solar: saves 64.0 MiB, then it fits",
                "Allow kv_types q4_0 for omni: saves 64.0 MiB, then it fits",
                "Allow min_context_length 1024 for solar: saves 64.0 MiB, then it fits",
                "Allow min_context_length 1024 for omni: saves 64.0 MiB, then it fits",
            ])
        #expect(ways[0].changes == [.init(model: try target("solar").model, key: "kv_types", value: "q4_0")])
        #expect(ways[0].saves == .mebibytes(64))
        #expect(ways.allSatisfy { $0.suffices })
    }

    @Test("finds the longest context that fits")
    func longestContext() throws {
        #expect(try texts(30).contains("Allow min_context_length 1536 for omni: saves 32.0 MiB, then it fits"))
        #expect(try texts(1).contains("Allow min_context_length 1792 for omni: saves 16.0 MiB, then it fits"))
    }

    @Test("puts settings together where one is not enough, and no more than needed")
    func combination() throws {
        let first = try texts(100).first
        #expect(first == "Allow kv_types q4_0 for solar and omni: saves 128 MiB, then it fits")
        #expect(
            try texts(150).first
                == """
                Allow kv_types q4_0 for solar and omni, min_context_length 1280 for solar: saves 152 MiB, then it fits
                """)
        #expect(try texts(100).contains("Allow kv_types q4_0 for solar: saves 64.0 MiB, not enough alone"))
    }

    @Test("says what a larger budget, a server, or a model less would do")
    func others() throws {
        let ways = try texts(400)
        #expect(
            ways.prefix(5) == [
                """
                best_effort: true for solar, whose server answers: its copy loads only where there is room: saves 1.12 GiB, \
                then it fits
                """,
                "memory.max_ram_gb 3.7 would do: the machine has 64.0 GiB",
                "omni without its mmproj, for text only: saves 500 MiB, then it fits",
                "Serve omni from a server: saves 2.58 GiB, then it fits",
                "Without solar: saves 1.12 GiB, then it fits",
            ])
        #expect(ways.last?.hasSuffix("not enough alone") == true)
    }

    @Test("names the fewest models to do without where one is not enough")
    func severalModels() throws {
        let models = ["a", "b", "c"].map { FormulaModel(name: $0, weights: 1000) }
        let ways = try plan(models, mebibytes: 1200).waysOut.filter { $0.kind == .without }
        #expect(ways.map(\.text) == ["Without a and b: saves 2.23 GiB, then it fits"])
    }

    @Test("offers a pinned copy to no server")
    func pinned() throws {
        var pinned = solar
        pinned.isPinned = true
        #expect(try !texts(400, [pinned, omni]).contains { $0.contains("best_effort") })
        var unused = solar
        unused.server = .unused
        #expect(try texts(400, [unused, omni]).contains { $0.hasPrefix("Leave solar to its server") })
    }

    @Test("mends fixed settings")
    func fixed() throws {
        var fixed = FormulaModel(name: "fixed", weights: 1000)
        fixed.wanted = LoadSettings(contextLength: 4096, slots: 4, loadMode: .repacked)
        fixed.allowance = .init(only: fixed.wanted)
        let ways = try plan([fixed], mebibytes: fixed.best - 40).waysOut.filter(\.suffices).map(\.text)
        #expect(
            ways.prefix(6) == [
                "Allow load_mode mapped for fixed: saves 200 MiB, then it fits",
                "Allow micro_batch 128 for fixed: saves 48.0 MiB, then it fits",
                "Allow kv_types q8_0 for fixed: saves 1.00 GiB, then it fits",
                "Allow min_slots 1 for fixed: saves 1.50 GiB, then it fits",
                "Allow min_context_length 3840 for fixed: saves 128 MiB, then it fits",
                "memory.max_ram_gb 3.3 would do: the machine has 64.0 GiB",
            ])
    }

    @Test("counts text models")
    func concurrency() throws {
        let ways = try plan([solar, omni], mebibytes: 9999, llms: 1).waysOut
        #expect(
            ways.map(\.kind) == [.bestEffort, .concurrency, .server, .without, .without])
        #expect(ways[1].text == "memory.max_concurrent_llms 2")
        #expect(ways.allSatisfy { $0.suffices })
    }
}
