import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("The router and the search in the file")
struct RouterSectionTests {
    @Test("defaults")
    func defaults() throws {
        let loaded = try loader(localModel).load()
        #expect(loaded.configuration.router == RouterConfiguration())
        #expect(loaded.configuration.router.fallback == .role(.expert))
        #expect(loaded.configuration.search == SearchConfiguration())
        #expect(loaded.origin(of: "router.head") == "best from default")
        #expect(loaded.origin(of: "router.embedding") == "the first model with role embedding from default")
        #expect(loaded.origin(of: "router.fallback") == "expert from default")
        #expect(loaded.origin(of: "search.url") == "off from default")
        #expect(loaded.origin(of: "search.cache_time") == "1h from default")
        #expect(loaded.origin(of: "search.cache_size") == "16MiB from default")
    }

    @Test("every key can be set")
    func everything() throws {
        let yaml =
            threeModels
                + """
                router: {head: trm, embedding: vectors, file: w.safetensors, fallback: quick}
                search: {url: "HTTP://Search.lan:8888/", timeout: 2s, results: 20, cache_time: 0, cache_size: 1MB}

                """
        let configuration = try loader(yaml).load().configuration
        #expect(
            configuration.router
                == RouterConfiguration(
                    head: .trm, embedding: ModelName("vectors"), file: "/etc/sarai/w.safetensors",
                    fallback: .name(try #require(ModelName("quick")))))
        #expect(
            configuration.search
                == SearchConfiguration(
                    url: "http://search.lan:8888", timeout: .seconds(2), results: 20, cacheTime: .zero,
                    cacheSize: MemorySize(bytes: 1_000_000)))
        let role = try loader(threeModels + "router: {fallback: small}\n").load().configuration.router
        #expect(role.fallback == .role(.small))
    }

    @Test(
        "values that make no sense",
        arguments: [
            ("router: {head: worst}", "5:16: router.head: expected one of best, trm, found 'worst'."),
            (
                "router: {embedding: vector}",
                "5:21: router.embedding: there is no model 'vector'. Did you mean 'vectors'?"
            ),
            (
                "router: {embedding: big}",
                "5:21: router.embedding: model 'big' has the role expert, and the router needs one with 'role: embedding'."
            ),
            ("router: {embedding: a b}", "5:21: router.embedding: expected a model's name, found 'a b'."),
            (
                "router: {fallback: vectors}",
                "5:20: router.fallback: model 'vectors' has the role embedding and writes no text. Choose another one."
            ),
            ("router: {fallback: bigg}", "5:20: router.fallback: there is no model 'bigg'. Did you mean 'big'?"),
            (
                "router: {fallback: omni}",
                "5:20: router.fallback: no model has this role. Give one 'role: omni', or name a model."
            ),
            ("router: {fallback: a b}", "5:20: router.fallback: expected a role or a model's name, found 'a b'."),
            (
                "search: {url: searx.lan}",
                "5:15: search.url: expected a URL such as 'http://10.0.0.7:11434', found 'searx.lan'. Write 'http://' before it."
            ),
            ("search: {results: 0}", "5:19: search.results: expected a whole number from 1 to 20, found 0."),
            ("search: {timeout: 0}", "5:19: search.timeout: expected a duration from 1ms to 24h, found '0'."),
            (
                "search: {cache_time: 2d}",
                "5:22: search.cache_time: expected a duration such as '30s', '2m', a number of seconds, or 0, found '2d'."
            ),
            ("search: {cache_time: 25h}", "5:22: search.cache_time: expected a duration from 1ms to 24h, found '25h'."),
            ("search: {cache_size: 0}", "5:22: search.cache_size: expected a size above 0, found '0'."),
        ])
    func values(line: String, message: String) {
        #expect(problems(threeModels + line + "\n") == ["/etc/sarai/sarai.yaml:" + message])
    }

    @Test("a file of weights must be there, and the message says where it was looked for")
    func weights() {
        let yaml = threeModels + "router: {file: w.safetensors}\n"
        #expect(
            problems(loader(yaml) { !$0.hasSuffix("w.safetensors") }) == [
                "/etc/sarai/sarai.yaml:5:16: router.file: there is no file /home/ana/.local/share/sarai/w.safetensors. Put it "
                    + "there, correct the path, or remove the key."
            ])
    }

    @Test("flags set them like all other keys")
    func flags() throws {
        let loaded = try loader(localModel, flags: ["search.results": "3"]).load()
        #expect(loaded.configuration.search.results == 3)
    }
}
