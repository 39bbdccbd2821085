import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("What a planner knows")
struct PlannerKnowledgeTests {
    private let harness: PlanningHarness
    private let store = FootprintStore()

    init() throws {
        harness = try PlanningHarness()
        try harness.write(TinyGGUF.model, to: "m.gguf")
    }

    private func buffers(process: Int) -> EngineBuffers {
        EngineBuffers(
            weights: .mebibytes(90), repacked: .zero, context: .mebibytes(4), compute: .mebibytes(4),
            process: MemorySize(bytes: process))
    }

    @Test("of the engine's process holds for all settings of the same files")
    func process() throws {
        let configuration = try harness.configuration()
        let target = try harness.target(configuration)
        let planner = harness.planner(configuration, store)
        let guessed = try #require(planner.plan().lines.first).footprint
        let other = try harness.target(harness.configuration("context_length: 2048"))
        let key = try #require(planner.key(of: other, settings: other.wantedSettings))
        store.note(buffers(process: 100 << 20), for: key)
        let known = try #require(planner.plan().lines.first).footprint
        // 20 for the program, 3 for the slot, 64 bytes for each token.
        #expect(known.overhead == .mebibytes(100 + 20 + 3) + MemorySize(bytes: 1024 * 64))
        #expect(known.overhead > guessed.overhead)
        #expect(known.compute >= guessed.compute && known.kv >= guessed.kv)

        // Another version of the file is another model.
        try harness.write(TinyGGUF.model + Data([0]), to: "m.gguf")
        #expect(planner.plan().lines.first?.footprint.overhead == guessed.overhead)
        #expect(planner.key(of: other, settings: target.wantedSettings) != key)
    }

    @Test("of one load mode better than of another makes none look smaller")
    func noise() throws {
        let configuration = try harness.configuration(budget: "100MiB")
        let target = try harness.target(configuration)
        let planner = harness.planner(configuration, store)
        for (mode, process) in [(LoadSettings.LoadMode.mapped, 45_220_000), (.repacked, 45_140_000)] {
            let key = try #require(planner.key(of: target, settings: target.wantedSettings(mode)))
            store.note(buffers(process: process), for: key)
        }
        let line = try #require(planner.plan().lines.first)
        #expect(!planner.plan().fits)
        #expect(line.settings?.loadMode == .mapped)
    }

    @Test("of one load mode, and nothing of another, makes none look smaller")
    func halfKnown() throws {
        let keys = "context_length: 1024, min_context_length: 1024, micro_batch: 512, kv_types: [f16]"
        let configuration = try harness.configuration(keys, budget: "100MiB")
        let target = try harness.target(configuration)
        let planner = harness.planner(configuration, store)
        let settings = target.wantedSettings
        let alone = try TargetInspection.footprint(of: target, settings: settings).get()
        // As the engine would count it: each kind in the next whole MiB.
        func counted(_ size: MemorySize) -> MemorySize {
            .mebibytes((size.bytes >> 20) + 1)
        }
        let buffers = EngineBuffers(
            weights: .zero, repacked: .zero, context: counted(alone.kv), compute: counted(alone.compute),
            process: .mebibytes(90))
        store.note(buffers, for: try #require(planner.key(of: target, settings: settings)))
        #expect(!planner.plan().fits)
        #expect(planner.plan().lines.first?.settings?.loadMode == .mapped)
    }

    @Test("of speeds decides the load mode")
    func speeds() throws {
        let configuration = try harness.configuration("context_length: 1024, kv_types: [q8_0], micro_batch: 256")
        let target = try harness.target(configuration)
        let planner = harness.planner(configuration, store)
        #expect(planner.plan().lines.first?.settings?.loadMode == .mapped)
        for (mode, speed) in [(LoadSettings.LoadMode.mapped, 20.0), (.repacked, 22)] {
            let settings = target.wantedSettings(mode)
            #expect((settings.cacheType, settings.microBatch, settings.loadMode) == (.q8, 256, mode))
            store.note(speed: speed, for: try #require(planner.key(of: target, settings: settings)))
        }
        let line = try #require(planner.plan().lines.first)
        #expect(line.settings?.loadMode == .repacked)
        #expect(line.choices.first?.reason == "clearly faster here: 22.0 tokens/s repacked, 20.0 mapped")
    }

    @Test("of a split model's files is as old as the oldest of them")
    func split() throws {
        let cache = HeaderCache()
        let paths = try (0..<2).map { number in
            try harness.write(TinyGGUF.part(UInt16(number), of: 2), to: "m-0000\(number + 1)-of-00002.gguf")
        }
        var target = try harness.target(harness.configuration())
        target.model = .gguf(paths[0], mmproj: nil)
        let files = try #require(FootprintKey.Files(target, engine: harness.engine))
        #expect(try cache.header(of: paths[0]).get().name == "m")
        #expect(FootprintKey.Files(target, engine: harness.engine) == files)

        try harness.write(TinyGGUF.part(0, of: 2, name: "longer"), to: "m-00002-of-00002.gguf")
        #expect(FootprintKey.Files(target, engine: harness.engine) != files)
        #expect(throws: PoolError.self, "part 1 twice") { try cache.header(of: paths[0]).get() }

        try FileManager.default.removeItem(atPath: paths[1])
        #expect(FootprintKey.Files(target, engine: harness.engine) == nil)
        let missing = #expect(throws: PoolError.self) { try cache.header(of: paths[0]).get() }
        #expect(missing?.message.contains("\(paths[1]): cannot be opened") == true)
    }
}
