import SaraiConfiguration
import SaraiCore
import SaraiPool
import Testing

@testable import SaraiPipelines

@Suite("What a pipeline asks of its models")
struct HeldModelTests {
    private static let four = TestConfiguration.four + "search: {url: http://127.0.0.1:8888}\n"

    private func name(_ text: String) throws -> ModelName {
        try #require(ModelName(text))
    }

    @Test("is what its steps do with them")
    func needs() throws {
        let configuration = try TestConfiguration.load(Self.four)
        let see = try TestConfiguration.pipeline("see", in: configuration).held(in: configuration)
        // Without a model made for it, the omni model hears what it also sees.
        let text = Needs.generation(hasMedia: false)
        #expect(
            see.needed == [
                HeldModel(try name("eyes"), needs: [.transcription, .generation(hasMedia: true)]),
                HeldModel(try name("big"), needs: [text]),
            ])
        #expect(see.optional.isEmpty)
        let voice = try TestConfiguration.pipeline("voice", in: configuration).held(in: configuration)
        #expect(
            voice.needed == [
                HeldModel(try name("eyes"), needs: [.transcription]), HeldModel(try name("big"), needs: [text]),
                HeldModel(try name("quick"), needs: [text]),
            ])
        #expect(voice.optional == [HeldModel(try name("vectors"), needs: [.embedding])])
    }

    @Test("is only what the steps that run do")
    func running() throws {
        let configuration = try TestConfiguration.load(Self.four)
        let see = try TestConfiguration.pipeline("see", in: configuration)
        let held = try see.held(in: configuration, where: { $0.condition != .audio }, hasMedia: { _ in false })
        #expect(
            held.needed == [
                HeldModel(try name("eyes"), needs: [.generation(hasMedia: false)]),
                HeldModel(try name("big"), needs: [.generation(hasMedia: false)]),
            ])
    }
}
