import Foundation
import Testing

@testable import SaraiRouter

@Suite("Router heads")
struct RouterHeadTests {
    private func logistic(_ more: [String: String] = [:]) -> WeightsFile {
        var file = WeightsFile.head("logistic", inputs: 2, more)
        file.add("weight", [3, 2], [1, 0, 0, 2, -1, -1])
        file.add("bias", [3], [0, 1, 0.5])
        return file
    }

    @Test("logistic regression: the sigmoid of the calibrated logits")
    func logisticRegression() throws {
        let head = try RouterHead(safetensors: try logistic(["scale": "1,0.5,2", "bias": "0,0,1"]).bytes())
        // logits 0.6, 2.6, -0.9; calibrated 0.6, 1.3, -0.8
        let scores = head.scores([0.6, 0.8], text: "")
        #expect(abs(scores.hard - 0.645656306) < 1e-7)
        #expect(abs(scores.soft - 0.785834983) < 1e-7)
        #expect(abs(scores.webQuery - 0.310025519) < 1e-7)
    }

    @Test("a vector that is none of the embedding's says nothing, and no head is sure of that")
    func wrongVectors() throws {
        let head = try RouterHead(safetensors: try logistic(["abstain": "0"]).bytes())
        for vector in [[], [1], [1, 0, 0], [.nan, 0], [.infinity, 0]] as [[Float]] {
            let scores = head.scores(vector, text: "hello")
            #expect(
                scores == .unknown && !head.labels(of: scores).isSure && !head.labels(of: scores).webQuery, "\(vector)")
        }
    }

    @Test("a score within the margin of ½ is not acted on, and the web has a threshold of its own")
    func labels() throws {
        let head = try RouterHead(safetensors: try logistic(["web_threshold": "0.2"]).bytes())
        func labels(_ hard: Double, _ soft: Double, _ webQuery: Double) -> RouteLabels {
            head.labels(of: RouteScores(hard: hard, soft: soft, webQuery: webQuery))
        }
        let one = labels(0.61, 0.39, 0)
        #expect(one.isSure && one.hard && !one.soft && !one.webQuery)
        #expect(!labels(0.59, 0.9, 0).isSure)
        #expect(!labels(1, 0.41, 0).isSure)
        #expect(labels(1, 1, 0.2).isSure && labels(1, 1, 0.2).webQuery)
        #expect(!labels(1, 1, 0.19).webQuery)
    }

    @Test("nearest neighbours: the nearest k vote, weighted by their cosine")
    func neighbours() throws {
        var file = WeightsFile.head("knn", inputs: 2, ["k": "2", "sharpness": "5"])
        file.add("vectors", [4, 2], [0, 1, 1, 0, 0.6, 0.8, -1, 0])
        file.add("labels", [4, 3], [0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0])
        let scores = try RouterHead(safetensors: try file.bytes()).scores([0.96, 0.28], text: "")
        // Cosines 0.28, 0.96, 0.8, −0.96: the second and the third vote, e⁰ to e^−0.8.
        #expect(abs(scores.hard - 0.68997448) < 1e-6)
        #expect(abs(scores.soft - 0.31002552) < 1e-6)
        #expect(abs(scores.webQuery - 0.9999) < 1e-9)
        #expect(try RouterHead(safetensors: try file.bytes()).scores([.nan, 0], text: "") == .unknown)
    }

    private func kernel(spread: [Float] = [1, 2]) -> WeightsFile {
        var file = WeightsFile.head("kernel", inputs: 2, ["sharpness": "2"])
        file.add("mean", [2], [0.5, 0.5])
        file.add("spread", [2], spread)
        file.add("centres", [2, 2], [1, 0, 0, 1])
        file.add("weight", [3, 2], [1, 0, 0, 2, -1, 1])
        file.add("bias", [3], [0, 0.5, 1])
        return file
    }

    @Test("kernel regression: what is like a centre gets the centre's weights")
    func kernelRegression() throws {
        let head = try RouterHead(safetensors: try kernel().bytes())
        // Standardised 0.6, 0.4, and that to length 1: cosines 0.832050, 0.554700; values e^−0.335900 and e^−0.890600.
        let scores = head.scores([1.1, 1.3], text: "")
        #expect(abs(scores.hard - 0.671437750) < 1e-6)
        #expect(abs(scores.soft - 0.789317966) < 1e-6)
        #expect(abs(scores.webQuery - 0.667236960) < 1e-6)
        // What is the mean in all dimensions is like nothing.
        #expect(head.scores([0.5, 0.5], text: "") == .unknown)
        #expect(head.scores([.nan, 0], text: "") == .unknown)
    }

    @Test("a head of several kinds adds what they say")
    func sums() throws {
        var both = kernel()
        both.metadata["k"] = "2"
        both.add("vectors", [3, 2], [0, 1, 1, 0, 0.6, 0.8])
        both.add("labels", [3, 3], [0, 0, 1, 1, 0, 1, 0, 1, 1])
        var logits: [String: [Double]] = [:]
        for kind in ["kernel", "knn", "kernel,knn"] {
            both.metadata["kind"] = kind
            let scores = try RouterHead(safetensors: try both.bytes()).scores([0.96, 0.28], text: "")
            logits[kind] = [scores.hard, scores.soft, scores.webQuery].map { log($0 / (1 - $0)) }
        }
        let (first, second) = (try #require(logits["kernel"]), try #require(logits["knn"]))
        for (sum, parts) in zip(try #require(logits["kernel,knn"]), zip(first, second)) {
            #expect(abs(sum - parts.0 - parts.1) < 1e-9)
        }
        #expect(first.allSatisfy { abs($0) > 0.1 } && second.allSatisfy { abs($0) > 0.1 })
    }

    @Test("the n-grams of the text are added, where the file has a table of them")
    func ngrams() throws {
        var file = logistic()
        // "hello world" falls into both buckets: the sum of the rows over √2.
        file.add("ngrams.weight", [2, 3], [1, 2, 3, -3, 2, 1])
        let scores = try RouterHead(safetensors: try file.bytes()).scores([0.6, 0.8], text: "hello world")
        #expect(abs(scores.hard - 0.306993339) < 1e-6)
        #expect(abs(scores.soft - 0.995629193) < 1e-6)
        #expect(abs(scores.webQuery - 0.873075224) < 1e-6)
    }

    @Test("wrong heads are refused with a reason")
    func refusals() throws {
        var threeBuckets = logistic()
        threeBuckets.add("ngrams.weight", [3, 3], Array(repeating: 0, count: 9))
        var twoLabels = WeightsFile.head("knn", inputs: 2, ["k": "1", "sharpness": "5"])
        twoLabels.add("vectors", [1, 2], [0, 1])
        twoLabels.add("labels", [1, 3], [0, 0.5, 1])
        var tooFew = WeightsFile.head("knn", inputs: 2, ["k": "2", "sharpness": "5"])
        tooFew.add("vectors", [1, 2], [0, 1])
        tooFew.add("labels", [1, 3], [0, 0, 1])
        let cases: [(WeightsFile, String)] = [
            (.head("forest", inputs: 2), "h: kind 'forest' is not known; known are trm, kernel, logistic and knn"),
            (.head("trm,", inputs: 2), "h: its metadata lacks 'tokens'"),
            (.head("knn,knn", inputs: 2), "h: its metadata has kind = 'knn,knn', one of them twice"),
            (.head("logistic", inputs: 2), "h: tensor 'weight' is missing"),
            (.head("logistic", inputs: 2, ["abstain": "0.7"]), "h: its metadata has abstain = '0.7'"),
            (.head("logistic", inputs: 2, ["web_threshold": "2"]), "h: its metadata has web_threshold = '2'"),
            (.head("logistic", inputs: 2, ["scale": "1,1"]), "h: its metadata has scale = '1,1', not three numbers"),
            (.head("logistic", inputs: 2, ["format": "gguf"]), "h: its format is 'gguf', not 'sarai-router-1'"),
            (threeBuckets, "h: tensor 'ngrams.weight' has 3 rows, not a power of two"),
            (kernel(spread: [1, 0]), "h: tensor 'spread' has values that are not above 0"),
            (twoLabels, "h: tensor 'labels' has values other than 0 and 1"),
            (tooFew, "h: its metadata has k = '2', not a whole number of 1...1"),
        ]
        for (file, expected) in cases {
            do throws(RouterFileError) {
                _ = try RouterHead(safetensors: (try? file.bytes()) ?? [], file: "h")
                Issue.record("accepted: \(expected)")
            } catch {
                #expect(error.message.hasPrefix(expected))
            }
        }
    }

    @Test("a head knows the embedding that it was trained on")
    func embedding() throws {
        let embedding = try RouterHead(safetensors: try logistic().bytes()).embedding
        #expect(embedding.name == "toy" && embedding.dimensions == 2)
        #expect(embedding.prefix == "query: " && embedding.probe == "hello")
        #expect(embedding.mismatch(with: [0.99, 0.1]) == nil)
        let remedy = "`make train-router EMBEDDING=FILE.gguf` trains one for router.file (docs/router.md)"
        #expect(
            embedding.mismatch(with: [1, 0, 0])
                == "it was trained on 'toy' with 2 dimensions, and this model has 3; \(remedy)")
        #expect(
            embedding.mismatch(with: [0.6, 0.8])
                == """
                it was trained on 'toy' with 2 dimensions, and this model's vector of the same text is another one \
                (cosine 0.60); \(remedy)
                """)
        #expect(embedding.mismatch(with: [0, 0]) != nil)
        #expect(embedding.mismatch(with: [.nan, 1]) != nil)
    }
}
