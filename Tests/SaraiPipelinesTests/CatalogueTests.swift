import SaraiConfiguration
import Testing

@testable import SaraiPipelines

@Suite("The pipelines that are listed")
struct CatalogueTests {
    @Test(
        "are those that can run, and the choice wherever some model writes text",
        arguments: [
            ("role: small", ["auto"]), ("threads: 1", ["auto"]), ("role: omni", ["auto"]), ("role: embedding", []),
            ("role: expert", ["auto", "tone", "search"]),
        ])
    func runnable(keys: String, names: [String]) throws {
        let one = "models:\n  one: {backend: gguf_native, gguf: /m.gguf, \(keys)}\n"
        #expect(try TestConfiguration.load(one).runnablePipelines == names)
    }
}
