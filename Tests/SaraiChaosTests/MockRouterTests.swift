import Foundation
import NIOCore
import Testing

@testable import SaraiChaos

@Suite("What the mock answers")
struct MockRouterTests {
    private struct Answer {
        var status = 200
        var documents: [[String: Any]] = []
        /// The text of all pieces.
        var text = ""
        var end = ""
    }

    private func ask(
        _ path: String, _ body: String, _ options: MockOptions = MockOptions(), method: String = "POST",
        number: UInt64 = 0
    ) throws -> Answer {
        var answer = Answer()
        var bodies: [String] = []
        switch MockRouter(options).reply(to: method, path, body: ByteBuffer(string: body), number: number) {
        case .whole(let document):
            answer.status = document.status
            bodies = [String(buffer: document.body)]
        case .stream(let stream):
            let text = ([stream.opening] + stream.pieces + [stream.closing]).map { String(buffer: $0) }.joined()
            let isOllama = path.hasPrefix("/api/")
            bodies = text.split(separator: isOllama ? "\n" : "\n\n").map { String($0) }
            if !isOllama {
                #expect(bodies.allSatisfy { $0.hasPrefix("data: ") } && bodies.last == "data: [DONE]")
                bodies = bodies.dropLast().map { String($0.dropFirst(6)) }
            }
        }
        answer.documents = try bodies.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        for document in answer.documents {
            let choice = (document["choices"] as? [[String: Any]])?.first
            let message = document["message"] ?? choice?["delta"] ?? choice?["message"]
            answer.text +=
                ((message as? [String: Any])?["content"] ?? document["response"] ?? choice?["text"]) as? String ?? ""
            answer.end = (document["done_reason"] ?? choice?["finish_reason"]) as? String ?? answer.end
        }
        return answer
    }

    private static let whole = (0..<64).map { "w\($0) " }.joined()

    /// The path, the stream's default, and a body with and without the beginning of the answer.
    private static let dialects: [(String, Bool, String, String)] = [
        (
            "/api/chat", true, #""messages":[{"role":"user","content":"a b"}]"#,
            #""messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"w0 w1 "}]"#
        ),
        ("/api/generate", true, #""prompt":"a b""#, #""prompt":"a b w0 w1 ","raw":true"#),
        (
            "/v1/chat/completions", false, #""messages":[{"role":"user","content":[{"type":"text","text":"a b"}]}]"#,
            #""messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"w0 w1 "}]"#
        ),
        ("/v1/completions", false, #""prompt":["a b"]"#, #""prompt":"a b w0 w1 ""#),
    ]

    @Test(arguments: dialects)
    func theWholeAnswerInEveryDialect(path: String, streams: Bool, request: String, resumed: String) throws {
        for stream in [nil, true, false] {
            let flag = stream.map { ",\"stream\":\($0)" } ?? ""
            let answer = try ask(path, #"{"model":"mock",\#(request)\#(flag)}"#)
            #expect(answer.text == Self.whole && answer.end == "stop")
            #expect((answer.documents.count > 1) == (stream ?? streams))
            let rest = try ask(path, #"{"model":"mock",\#(resumed)\#(flag)}"#)
            #expect("w0 w1 " + rest.text == Self.whole && rest.end == "stop")
        }
    }

    @Test(arguments: dialects)
    func tokensAreCounted(path: String, streams: Bool, request: String, resumed: String) throws {
        let isOllama = path.hasPrefix("/api/")
        let limit =
            isOllama ? #""options":{"num_predict":3}"# : #""max_tokens":3,"stream_options":{"include_usage":true}"#
        for (body, prompt, text) in [(request, 2, "w0 w1 w2 "), (resumed, 4, "w2 w3 w4 ")] {
            for stream in [true, false] {
                let answer = try ask(path, #"{"model":"mock",\#(body),"stream":\#(stream),\#(limit)}"#)
                #expect(answer.text == text && answer.end == "length")
                let last = try #require(answer.documents.last)
                let usage = last["usage"] as? [String: Any] ?? last
                #expect(usage[isOllama ? "prompt_eval_count" : "prompt_tokens"] as? Int == prompt)
                #expect(usage[isOllama ? "eval_count" : "completion_tokens"] as? Int == 3)
            }
        }
    }

    @Test func stopsAreHonoured() throws {
        let ollama = try ask("/api/generate", #"{"model":"mock","prompt":"x","options":{"stop":["w9","w3"]}}"#)
        #expect(ollama.text == "w0 w1 w2 " && ollama.end == "stop")
        let openAI = try ask("/v1/completions", #"{"model":"mock","prompt":"x","stop":"2 w3","stream":true}"#)
        #expect(openAI.text == "w0 w1 w" && openAI.end == "stop")
    }

    @Test func embeddingsDependOnTheirTextAlone() throws {
        let two = try ask("/api/embed", #"{"model":"mock","input":["a b","c"]}"#).documents[0]
        let vectors = try #require(two["embeddings"] as? [[Double]])
        #expect(vectors.count == 2 && vectors[0] != vectors[1] && two["prompt_eval_count"] as? Int == 3)
        let one = try ask("/v1/embeddings", #"{"model":"mock","input":"c"}"#).documents[0]
        #expect(((one["data"] as? [[String: Any]])?.first?["embedding"]) as? [Double] == vectors[1])
        #expect(abs(vectors[1].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }

    @Test func modelsAreListedAndOthersMissing() throws {
        var options = MockOptions()
        options.models = ["solar:latest", "small"]
        for path in ["/api/tags", "/api/ps"] {
            let models = try ask(path, "", options, method: "GET").documents[0]["models"] as? [[String: Any]]
            #expect(models?.map { $0["name"] as? String } == options.models)
        }
        let data = try ask("/v1/models", "", options, method: "GET").documents[0]["data"] as? [[String: Any]]
        #expect(data?.map { $0["id"] as? String } == options.models)
        #expect(try ask("/api/version", "", options, method: "GET").documents[0]["version"] != nil)
        for (model, status) in [("solar", 200), ("small:latest", 200), ("other", 404)] {
            #expect(try ask("/v1/completions", #"{"model":"\#(model)","prompt":"x"}"#, options).status == status)
        }
        #expect(try ask("/api/chat", "{", options).status == 400)
        #expect(try ask("/api/nothing", #"{"model":"small"}"#, options).status == 404)
    }

    @Test func mishapsComeAsOftenAsWanted() throws {
        var options = MockOptions()
        options.failureRate = 0.25
        options.overloadRate = 0.25
        options.overloadStatus = 429
        let statuses = try (0..<400).map {
            try ask("/api/generate", #"{"model":"mock","prompt":"x","stream":false}"#, options, number: $0).status
        }
        for (status, share) in [(500, 100), (429, 100), (200, 200)] {
            #expect(abs(statuses.count { $0 == status } - share) < 40, "\(status)")
        }
        #expect(try ask("/api/tags", "", options, method: "GET").status == 200)
    }
}
