import Foundation
import SaraiPipelines
import Testing

@testable import SaraiCommand

@Suite("What doctor says of the router")
struct RouterChecksTests {
    private static let trained = "multilingual-e5-small"

    @Test(
        "by its name the model is the one of the training, whoever wrote it",
        arguments: [
            "multilingual-e5-small-Q4_0.gguf", "Multilingual_E5_Small.F16.gguf", "intfloat/multilingual-e5-small:f16",
        ])
    func sameName(source: String) {
        let check = RouterChecks.check(model: "embedding", source: source, trainedOn: Self.trained)
        #expect(check.status == .ok)
    }

    @Test(
        "another one is told with both ways out",
        arguments: ["nomic-embed-text", "multilingual-e5-large-Q8_0.gguf", ""])
    func otherName(source: String) {
        let check = RouterChecks.check(model: "embedding", source: source, trainedOn: Self.trained)
        #expect(check.status == .warn)
        #expect(check.advice?.contains("make train-router") == true)
        #expect(check.advice?.contains("router.embedding") == true)
    }

    private func answer(hard: Double?, _ reason: String) throws -> RouteAnswer {
        let scores = hard.map { #""hard": \#($0), "soft": 0.1, "web_query": 0.1,"# } ?? ""
        let json = #"{\#(scores) "abstained": true, "pipeline": "expert", "reason": "\#(reason)", "milliseconds": 1}"#
        return try JSONDecoder().decode(RouteAnswer.self, from: Data(json.utf8))
    }

    @Test("the daemon's word counts: scores mean that it fits, also where the router is not sure")
    func asked() throws {
        let sure = try answer(hard: 0.4, "the router is not sure")
        #expect(RouterChecks.check(sure, model: "embedding", trainedOn: Self.trained).status == .ok)
        let other = RouterChecks.check(
            try answer(hard: nil, "the router cannot be asked: it was trained on 'x', and this model has 768"),
            model: "embedding", trainedOn: Self.trained)
        #expect(other.status == .warn)
        #expect(other.advice?.contains("make train-router") == true)
        let late = RouterChecks.check(
            try answer(hard: nil, "the router cannot be asked: no answer within 10 s"), model: "embedding",
            trainedOn: Self.trained)
        #expect(late.status == .warn)
        #expect(late.advice == nil)
    }
}
