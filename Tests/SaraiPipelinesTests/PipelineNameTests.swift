import SaraiCore
import Testing

@testable import SaraiPipelines

@Suite("Pipelines' names")
struct PipelineNameTests {
    @Test("are those that begin with sarai:")
    func reading() throws {
        #expect(PipelineName(try #require(ModelName("sarai:see")))?.rawValue == "see")
        #expect(PipelineName("see").modelName?.rawValue == "sarai:see")
        #expect(PipelineName(try #require(ModelName("solar"))) == nil)
        #expect(PipelineName(try #require(ModelName("solar:latest"))) == nil)
    }

    @Test("that nobody has are answered with those that there are, and the one that was probably meant")
    func unknown() throws {
        let configuration = try TestConfiguration.load(TestConfiguration.four)
        let error = #expect(throws: PoolError.self) { try configuration.pipeline(PipelineName("serch")) }
        #expect(error?.code == .unknownModel)
        #expect(error?.message.contains("sarai:auto, sarai:see, sarai:tone, sarai:voice, sarai:search") == true)
        #expect(error?.message.contains("Did you mean 'sarai:search'?") == true)
    }
}
