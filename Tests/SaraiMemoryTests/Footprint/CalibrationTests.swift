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

        var testDescription: String {
            "\(model) \(settings.contextLength)x\(settings.slots)" + (projector == nil ? "" : " with media")
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

    @Test("is never below what was measured, and little above it", arguments: measurements)
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
