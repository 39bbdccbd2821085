import SaraiCore
import Testing

@testable import SaraiMemory

/// The estimates held against real workers.
///
/// Measured: peak PSS of llama-server b11434 (x86-64, glibc, 2 threads) while it answers prompts of 500 to 4000 tokens on
/// all slots, with the flags that ``LoadSettings`` stands for. The headers are rebuilt here from what the models' files say,
/// so that no model is needed.
@Suite("Footprint calibration")
struct CalibrationTests {
    /// A measurement in MiB.
    struct Measured: Sendable, CustomTestStringConvertible {
        let model: TestModel
        let settings: LoadSettings
        let mebibytes: Double
        var projector: TestModel?
        var buffers: EngineBuffers?

        var testDescription: String {
            "\(model) \(settings)" + (projector == nil ? "" : " with media")
        }
    }

    private static func text(_ context: Int, _ slots: Int = 1) -> LoadSettings {
        LoadSettings(contextLength: context, slots: slots)
    }

    private static func embedding(_ context: Int, _ slots: Int = 1, step: Int) -> LoadSettings {
        LoadSettings(contextLength: context, slots: slots, isEmbedding: true, microBatch: step)
    }

    static let measurements: [Measured] = [
        Measured(model: .smol, settings: text(2048), mebibytes: 186.2),
        Measured(model: .smol, settings: text(4096, 2), mebibytes: 325.4),
        Measured(model: .smol, settings: text(8192, 4), mebibytes: 868.0),
        Measured(
            model: .smol, settings: LoadSettings(contextLength: 8192, slots: 2, cacheType: .q4), mebibytes: 243.4),
        Measured(model: .smol, settings: LoadSettings(contextLength: 2048, loadMode: .repacked), mebibytes: 183.2),
        Measured(model: .gemma, settings: text(2048), mebibytes: 339.0),
        Measured(model: .gemma, settings: text(8192, 2), mebibytes: 405.0),
        Measured(model: .gemma, settings: text(32_768), mebibytes: 433.4),
        Measured(model: .e5, settings: embedding(512, step: 512), mebibytes: 693.9),
        Measured(model: .e5, settings: embedding(512, 4, step: 512), mebibytes: 693.4),
        Measured(model: .embeddingGemma, settings: embedding(2048, step: 512), mebibytes: 889.3),
        Measured(model: .embeddingGemma, settings: embedding(2048, step: 2048), mebibytes: 2340.0),
        Measured(model: .lfm2, settings: text(2048), mebibytes: 821.9),
        Measured(model: .lfm2, settings: text(8192, 2), mebibytes: 996.2),
        Measured(
            model: .lfm2, settings: LoadSettings(contextLength: 8192, slots: 2, cacheType: .q8), mebibytes: 907.0),
        Measured(model: .solar, settings: text(2048), mebibytes: 6688.4),
        Measured(model: .solar, settings: text(4096, 2), mebibytes: 7839.8),
        Measured(model: .omni, settings: text(4096), mebibytes: 4894.2),
        Measured(
            model: .omni, settings: LoadSettings(contextLength: 4096, imageTokens: 529), mebibytes: 6803.1,
            projector: .omniProjector),
        Measured(model: .omni, settings: text(4096), mebibytes: 6843.7, projector: .omniProjector),
    ]

    /// With what the engine's dry run said of each (in MiB, rounded up), over two contexts and two types of the cache.
    ///
    /// Peaks by the kernel's own count (`VmHWM`), which no sample misses: after a full step, a prompt that fills nine tenths of
    /// the context where that takes no minutes, a picture of a megapixel and 30 seconds of sound.
    static let withDryRun: [Measured] = [
        Measured(model: .smol, settings: text(2048), mebibytes: 186.6, buffers: engine(93, 46, 17, process: 19)),
        Measured(model: .smol, settings: text(8192), mebibytes: 328.1, buffers: engine(93, 181, 23, process: 19)),
        Measured(model: .gemma, settings: text(2048), mebibytes: 338.9, buffers: engine(236, 22, 22, process: 45)),
        Measured(model: .gemma, settings: text(8192), mebibytes: 363.6, buffers: engine(236, 40, 28, process: 45)),
        Measured(
            model: .smol, settings: LoadSettings(contextLength: 2048, cacheType: .q8), mebibytes: 165.9,
            buffers: engine(93, 24, 17, process: 19)),
        Measured(
            model: .embeddingGemma, settings: embedding(512, step: 512), mebibytes: 898.7,
            buffers: engine(312, 0, 16, process: 46)),
        Measured(
            model: .embeddingGemma, settings: embedding(2048, step: 2048), mebibytes: 2491.2,
            buffers: engine(312, 0, 74, process: 46)),
        Measured(
            model: .e5, settings: embedding(256, step: 512), mebibytes: 454.3, buffers: engine(64, 0, 4, process: 129)),
        Measured(
            model: .e5, settings: embedding(512, step: 512), mebibytes: 701.8, buffers: engine(64, 0, 8, process: 129)),
        Measured(
            model: .smol, settings: LoadSettings(contextLength: 8192, cacheType: .q8), mebibytes: 235.2,
            buffers: engine(93, 96, 23, process: 19)),
        Measured(
            model: .gemma, settings: LoadSettings(contextLength: 2048, cacheType: .q8), mebibytes: 329.7,
            buffers: engine(236, 12, 22, process: 45)),
        Measured(
            model: .gemma, settings: LoadSettings(contextLength: 8192, cacheType: .q8), mebibytes: 339.8,
            buffers: engine(236, 21, 28, process: 46)),
        Measured(model: .lfm2, settings: text(2048), mebibytes: 823.8, buffers: engine(695, 25, 71, process: 23)),
        Measured(
            model: .lfm2, settings: LoadSettings(contextLength: 2048, cacheType: .q8), mebibytes: 810.6,
            buffers: engine(695, 13, 71, process: 23)),
        Measured(model: .lfm2, settings: text(8192), mebibytes: 901.2, buffers: engine(695, 97, 77, process: 23)),
        Measured(
            model: .lfm2, settings: LoadSettings(contextLength: 8192, cacheType: .q8), mebibytes: 852.5,
            buffers: engine(695, 52, 77, process: 23)),
        Measured(model: .solar, settings: text(2048), mebibytes: 6687.5, buffers: engine(6162, 385, 127, process: 8)),
        Measured(model: .omni, settings: text(2048), mebibytes: 4780.1, buffers: engine(4461, 113, 149, process: 48)),
        Measured(
            model: .omni, settings: text(4096), mebibytes: 6879.3, projector: .omniProjector,
            buffers: engine(4461, 225, 151, process: 48)),
        Measured(
            model: .solar, settings: LoadSettings(contextLength: 4096, cacheType: .q8), mebibytes: 6711.8,
            buffers: engine(6162, 409, 129, process: 7)),
        Measured(
            model: .omni, settings: LoadSettings(contextLength: 8192, cacheType: .q8), mebibytes: 4906.3,
            buffers: engine(4461, 239, 155, process: 48)),
        Measured(
            model: .lfm2, settings: LoadSettings(contextLength: 2048, loadMode: .engineDefault), mebibytes: 1295.2,
            buffers: engine(213, 25, 71, process: 23, repacked: 483)),
        Measured(
            model: .omni, settings: LoadSettings(contextLength: 8192, cacheType: .q8), mebibytes: 6885.8,
            projector: .omniProjector, buffers: engine(4461, 239, 155, process: 48)),
        Measured(model: .solar, settings: text(4096), mebibytes: 7071.4, buffers: engine(6162, 769, 129, process: 7)),
        Measured(model: .omni, settings: text(8192), mebibytes: 5116.1, buffers: engine(4461, 449, 155, process: 48)),
        Measured(
            model: .solar, settings: LoadSettings(contextLength: 2048, cacheType: .q8), mebibytes: 6507.6,
            buffers: engine(6162, 205, 127, process: 8)),
        Measured(
            model: .omni, settings: LoadSettings(contextLength: 2048, cacheType: .q8), mebibytes: 4727.6,
            buffers: engine(4461, 60, 149, process: 48)),
    ]

    private static func engine(_ weights: Int, _ context: Int, _ compute: Int, process: Int, repacked: Int = 0)
        -> EngineBuffers
    {
        EngineBuffers(
            weights: .mebibytes(weights), repacked: .mebibytes(repacked), context: .mebibytes(context),
            compute: .mebibytes(compute),
            process: .mebibytes(process))
    }

    @Test("with a dry run, is within 3 % or 64 MiB and never 1 % below", arguments: withDryRun)
    func exact(measured: Measured) throws {
        let estimator = FootprintEstimator(
            model: try measured.model.header(), projector: try measured.projector?.header(), settings: measured.settings
        )
        let predicted = Double(estimator.estimate(buffers: measured.buffers).resident.bytes) / 1_048_576
        #expect(predicted >= measured.mebibytes * 0.99)
        #expect(predicted <= measured.mebibytes + max(64, measured.mebibytes * 0.03))
    }

    @Test(
        "is never below what was measured, and little above it",
        arguments: measurements + withDryRun.filter { $0.settings.loadMode != .engineDefault })
    func bounds(measured: Measured) throws {
        let estimator = FootprintEstimator(
            model: try measured.model.header(), projector: try measured.projector?.header(), settings: measured.settings
        )
        let predicted = Double(estimator.estimate().resident.bytes) / 1_048_576
        #expect(predicted >= measured.mebibytes)
        #expect(predicted <= measured.mebibytes * 1.15 + 64)
    }

    @Test("gives the engine's own figures for the context")
    func cache() throws {
        func kv(_ model: TestModel, _ settings: LoadSettings) throws -> MemorySize {
            FootprintEstimator(model: try model.header(), settings: settings).estimate().kv
        }
        #expect(try kv(.smol, Self.text(2048)) == .mebibytes(45))
        #expect(try kv(.smol, Self.text(8192, 4)) == .mebibytes(720))
        #expect(try kv(.solar, Self.text(4096, 2)) == .mebibytes(1536))
        #expect(try kv(.omni, Self.text(4096)) == .mebibytes(224))
        #expect(try kv(.gemma, Self.text(2048)) == .mebibytes(21))
        #expect(try kv(.gemma, Self.text(32_768)) == .mebibytes(111))
        // Six layers with attention, ten with a convolution of two past tokens.
        #expect(try kv(.lfm2, Self.text(2048)) == .mebibytes(24) + MemorySize(bytes: 10 * 2 * 2048 * 4))
        #expect(try kv(.e5, Self.embedding(512, step: 512)) == .zero)
    }
}
