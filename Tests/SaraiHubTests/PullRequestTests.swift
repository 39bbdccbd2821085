import SaraiConfiguration
import SaraiCore
import Testing

@testable import SaraiHub

@Suite("What is asked for, and where it goes")
struct PullRequestTests {
    private static let yaml = """
        models:
          solar:
            backend: gguf_native
            gguf: /models/solar.gguf
            mmproj: /models/mmproj-solar.gguf
            source: hf.co/o/solar-GGUF:Q4_K_M
          bare: {backend: gguf_native, gguf: /models/bare.gguf}
          far: {backend: ollama_http, servers: "http://h:1"}

        """

    private func models() throws -> [ModelConfiguration] {
        let paths = SaraiPaths(environment: [:], home: "/home/ana", currentFolder: "/", userID: 1)
        return try ConfigurationLoader(
            file: SourceFile(path: "/sarai.yaml", text: Self.yaml), paths: paths, machineMemory: .gibibytes(16),
            fileExists: { _ in false }
        ).load().configuration.models
    }

    private func request(_ text: String, allowsAddresses: Bool = false) throws -> PullRequest {
        try PullRequest(text, models: models(), folder: "/data/models", allowsAddresses: allowsAddresses)
    }

    private func planner(_ destination: PullDestination, endpoint: String = "https://hub") throws -> PullPlanner {
        var hub = HubConfiguration()
        hub.endpoint = endpoint
        return PullPlanner(hub: try HubAddress(hub), destination: destination)
    }

    @Test func aConfiguredModelGoesWhereItIsExpected() throws {
        let request = try request("solar:latest")
        #expect(request.model?.rawValue == "solar")
        #expect("\(request.source)" == "hf.co/o/solar-GGUF:Q4_K_M")
        #expect(request.destination == .paths(gguf: "/models/solar.gguf", mmproj: "/models/mmproj-solar.gguf"))
    }

    @Test func anAddressIsForAPersonOnly() throws {
        #expect(try request("https://h/m.gguf", allowsAddresses: true).destination == .folder("/data/models"))
        for text in ["https://h/m.gguf", "http://169.254.169.254/m.gguf", "http://127.0.0.1:1/m.gguf"] {
            #expect(throws: HubError.self) { try request(text) }
        }
    }

    @Test(
        "what cannot be fetched is answered with what can",
        arguments: [
            ("solr", "Did you mean 'solar'?"), ("bare", "add 'source: hf.co/ORG/REPO:QUANT'"),
            ("far", "nothing to fetch"),
            ("../../etc/passwd", "no model"), ("hf.co/../x", "ORG and REPO are made of"),
        ])
    func refusals(text: String, words: String) throws {
        do {
            _ = try request(text)
            Issue.record("'\(text)' was taken")
        } catch let error as HubError {
            #expect(error.description.contains(words))
        }
    }

    @Test func filesOfARepositoryKeepApartFromOthersOfTheirName() throws {
        let (source, repository) = try repositorySource()
        let files = ["q/m-Q4_0.gguf", "mmproj-F16.gguf"].map { HubFile(path: $0, size: 1, digest: nil) }
        let choice = try HubChoice(.best, among: files, of: repository)
        let order = try planner(.folder("/data/models")).order(
            source, choice, of: repository)
        #expect(order.items.map(\.path) == ["/data/models/o/r/q/m-Q4_0.gguf", "/data/models/o/r/mmproj-F16.gguf"])
        #expect(
            order.items.map(\.source) == [
                "https://hub/o/r/resolve/main/q/m-Q4_0.gguf",
                "https://hub/o/r/resolve/main/mmproj-F16.gguf",
            ])
        #expect(order.size == 2)
        let text = try planner(.paths(gguf: "/m/a.gguf", mmproj: nil)).order(
            source, choice, of: repository)
        #expect(text.items.map(\.path) == ["/m/a.gguf"], "a projector that nobody configured is not fetched")
        #expect(order.withoutProjector.items == [order.model])
        let yaml = SuggestedConfiguration(order, header: nil, data: "/data").yaml
        #expect(
            yaml == """
                models:
                  r:
                    backend: gguf_native
                    gguf: models/o/r/q/m-Q4_0.gguf
                    mmproj: models/o/r/mmproj-F16.gguf
                    source: hf.co/o/r

                """)
    }

    @Test func theFilesOfASplitModelAreFoundByTheirNames() throws {
        let (source, repository) = try repositorySource()
        let files = (1...2).map { HubFile(path: "m-0000\($0)-of-00002.gguf", size: 1, digest: nil) }
        let choice = try HubChoice(.best, among: files, of: repository)
        let order = try planner(.paths(gguf: "/m/s-00001-of-00002.gguf", mmproj: nil)).order(
            source, choice, of: repository)
        #expect(order.items.map(\.path) == ["/m/s-00001-of-00002.gguf", "/m/s-00002-of-00002.gguf"])
        #expect(throws: HubError.self) {
            try planner(.paths(gguf: "/m/s.gguf", mmproj: nil)).order(source, choice, of: repository)
        }
    }

    @Test func plainAddressesAreEncryptedOrOfTheConfiguredServer() throws {
        let folder = PullDestination.folder("/d")
        func order(_ url: String, endpoint: String = "https://hub") throws -> PullOrder {
            try planner(folder, endpoint: endpoint).order(try ModelSource(parsing: url), url: url)
        }
        #expect(try order("https://any/m.gguf").items.map(\.path) == ["/d/m.gguf"])
        #expect(try order("http://127.0.0.1:8/m.gguf", endpoint: "http://127.0.0.1:8").items.count == 1)
        #expect(throws: HubError.self) { try order("http://127.0.0.1:9/m.gguf", endpoint: "http://127.0.0.1:8") }
        #expect(throws: HubError.self) { try order("http://any/m.gguf") }
        #expect(throws: HubError.self) { try order("https://any/m-00001-of-00002.gguf") }
    }
}
