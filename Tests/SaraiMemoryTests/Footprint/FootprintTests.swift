import Foundation
import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Footprint")
struct FootprintTests {
    private func estimate(
        _ model: TestModel, _ settings: LoadSettings, projector: TestModel? = nil
    ) throws -> Footprint {
        FootprintEstimator(model: try model.header(), projector: try projector?.header(), settings: settings)
            .estimate()
    }

    @Test("separates what can be reclaimed from what cannot")
    func kinds() throws {
        let mapped = try estimate(.lfm2, LoadSettings(contextLength: 2048))
        #expect(mapped.weightsMapped.bytes == 728_509_440 && mapped.weightsPrivate == .zero)
        #expect(mapped.resident == mapped.hard + mapped.weightsMapped)
        let repacked = try estimate(.lfm2, LoadSettings(contextLength: 2048, loadMode: .repacked))
        #expect(repacked.weightsMapped == .zero && repacked.weightsPrivate.bytes == 728_509_440)
        #expect(repacked.hard == repacked.resident)
    }

    @Test("grows with context and slots, and shrinks with the type of the cache")
    func settings() throws {
        let base = try estimate(.smol, LoadSettings(contextLength: 4096))
        #expect(try estimate(.smol, LoadSettings(contextLength: 4096, slots: 2)).kv.bytes == 2 * base.kv.bytes)
        #expect(try estimate(.smol, LoadSettings(contextLength: 8192)).kv.bytes == 2 * base.kv.bytes)
        let q8 = try estimate(.smol, LoadSettings(contextLength: 4096, cacheType: .q8))
        #expect(q8.kv.bytes == base.kv.bytes * 17 / 32)
        // The engine rounds the context up to blocks of 256.
        #expect(try estimate(.smol, LoadSettings(contextLength: 3900)).kv == base.kv)
        let cached = try estimate(.smol, LoadSettings(contextLength: 4096, promptCacheMebibytes: 512))
        #expect(cached.promptCache == .mebibytes(512))
        #expect(cached.hard == base.hard + .mebibytes(512))
    }

    @Test("counts a projector's largest image with the square of its patches")
    func images() throws {
        func projector(_ tokens: Int) throws -> MemorySize {
            try estimate(
                .omni, LoadSettings(contextLength: 8192, imageTokens: tokens), projector: .omniProjector
            ).projector
        }
        #expect(try projector(4096) - projector(1024) > .gibibytes(2))
        // An image cannot take more tokens than the context has.
        let short = LoadSettings(contextLength: 1024, imageTokens: 4096)
        #expect(try estimate(.omni, short, projector: .omniProjector).projector == projector(1024))
    }

    @Test("steps of an embedding model are as long as its context")
    func embeddingSteps() throws {
        #expect(LoadSettings(contextLength: 2048, isEmbedding: true).microBatch == 2048)
        #expect(LoadSettings(contextLength: 256, isEmbedding: true).microBatch == 512)
        #expect(LoadSettings(contextLength: 2048).microBatch == 512)
    }

    @Test("counts heads behind a window from the file's own pattern")
    func pattern() throws {
        var model = TestModel.gemma
        model.layers["attention.sliding_window_pattern"] = [Int32](repeating: 1, count: 18)
        let all = try estimate(model, LoadSettings(contextLength: 8192)).kv
        #expect(all == .mebibytes(18))
        model.layers["attention.sliding_window_pattern"] = [Int32](repeating: 0, count: 18)
        #expect(try estimate(model, LoadSettings(contextLength: 8192)).kv == .mebibytes(144))
        model.layers = [:]
        model.architecture = "unheard-of"
        #expect(try estimate(model, LoadSettings(contextLength: 8192)).kv == .mebibytes(144))
    }

    @Test("counts the state of models without attention")
    func recurrent() throws {
        let mamba = TestModel(
            description: "mamba", architecture: "mamba",
            numbers: [
                "block_count": 10, "embedding_length": 768, "ssm.inner_size": 1536, "ssm.state_size": 16,
                "ssm.conv_kernel": 4, "attention.head_count": 0,
            ], weights: 1024)
        let kv = try estimate(mamba, LoadSettings(contextLength: 4096, slots: 2)).kv
        #expect(kv.bytes == 10 * (3 * 1536 + 1536 * 16) * 4 * 2)
    }

    @Test(
        "counts the attention mask of slots that share their context, as with the engine's defaults",
        // The engine reports so much more than with slots of their own.
        arguments: [(TestModel.smol, 8192, 6...6), (.gemma, 32_768, 25...27)] as [(TestModel, Int64, ClosedRange<Int>)])
    func sharedContext(model: TestModel, trained: Int64, mebibytes: ClosedRange<Int>) throws {
        var model = model
        model.numbers["context_length"] = trained
        var settings = LoadSettings.engineDefaults(for: try model.header(), isEmbedding: false)
        let shared = try estimate(model, settings).compute
        settings.loadMode = .mapped
        let more = try shared - estimate(model, settings).compute
        #expect((MemorySize.mebibytes(mebibytes.lowerBound)...(.mebibytes(mebibytes.upperBound))).contains(more))
    }

    @Test("takes the engine's process from a dry run, whatever the settings were")
    func process() throws {
        let estimator = FootprintEstimator(model: try TestModel.e5.header(), settings: LoadSettings(contextLength: 512))
        let buffers = EngineBuffers(
            weights: .mebibytes(64), repacked: .zero, context: .zero, compute: .mebibytes(8), process: .mebibytes(100))
        let expected = estimator.estimate(buffers: buffers).overhead
        #expect(estimator.estimate(process: .mebibytes(100)).overhead == expected)
        #expect(estimator.estimate(buffers: buffers, process: .mebibytes(103)).overhead == expected + .mebibytes(3))
        #expect(estimator.estimate().overhead > expected)
    }

    @Test(
        "is rounded like the engine's figures where it stands beside them", arguments: [TestModel.smol, .gemma, .lfm2])
    func rounding(model: TestModel) throws {
        let estimator = FootprintEstimator(model: try model.header(), settings: LoadSettings(contextLength: 2048))
        let (alone, beside) = (estimator.estimate(), estimator.estimate(process: .mebibytes(20)))
        for kind in [\Footprint.weightsMapped, \.kv, \.compute] {
            let more = beside[keyPath: kind] - alone[keyPath: kind]
            #expect(more > .zero && more <= .mebibytes(1))
        }
        #expect(beside.weightsMapped.bytes % (1 << 20) == 0 && beside.kv.bytes % (1 << 20) == 0)
        #expect(beside.weightsPrivate == .zero && beside.projector == .zero)
    }

    @Test("survives absurd claims", arguments: 0..<4 as Range<UInt64>)
    func absurd(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            var model = TestModel.omni
            (model.tokens, model.merges) = (10, 10)
            let others = ["shortconv.l_cache", "kda.head_dim", "wkv.head_size", "ssm.inner_size", "ssm.state_size"]
            let rest = ["ssm.conv_kernel", "expert_used_count", "attention.key_length", "attention.sliding_window"]
            for key in Array(model.numbers.keys) + (others.shuffled(using: &random).prefix(3) + rest) {
                model.numbers[key] = [0, 1, 77, -1, .max, .min, 1 << 31].randomElement(using: &random)
            }
            var projector = TestModel.omniProjector
            for key in projector.numbers.keys {
                projector.numbers[key] = [0, 1, 77, -1, .max, .min, 1 << 31].randomElement(using: &random)
            }
            let numbers = [-1, 0, 1, 4096, Int.max, Int.min, 1 << 40]
            var settings = LoadSettings(contextLength: numbers.randomElement(using: &random) ?? 0)
            settings.slots = numbers.randomElement(using: &random) ?? 0
            settings.microBatch = numbers.randomElement(using: &random) ?? 0
            settings.imageTokens = numbers.randomElement(using: &random) ?? 0
            settings.promptCacheMebibytes = numbers.randomElement(using: &random) ?? 0
            settings.isEmbedding = Bool.random(using: &random)
            let footprint = try estimate(model, settings, projector: projector)
            #expect(footprint.resident > .zero)
            #expect((footprint + footprint).resident.bytes == 2 * footprint.resident.bytes)
        }
    }

    @Test("is coded in bytes")
    func coding() throws {
        let footprint = Footprint(weightsMapped: .mebibytes(1), kv: .mebibytes(2))
        let json = try JSONEncoder().encode(footprint)
        #expect(String(decoding: json, as: UTF8.self).contains("\"kv\":2097152"))
        #expect(try JSONDecoder().decode(Footprint.self, from: json) == footprint)
    }
}
