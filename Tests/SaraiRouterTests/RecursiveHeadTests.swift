import Testing

@testable import SaraiRouter

@Suite("The recursive head")
struct RecursiveHeadTests {
    /// Dimensions that are no multiples of eight or four, so that what fills them up is tested.
    private static let odd = ReferenceNetwork(
        inputs: 5, tokens: 3, channels: 11, tokenHidden: 3, channelHidden: 13, recursions: 2, latentSteps: 3,
        supervisionSteps: 2)
    private static let usual = ReferenceNetwork(
        inputs: 24, tokens: 8, channels: 32, tokenHidden: 16, channelHidden: 64, recursions: 3, latentSteps: 2,
        supervisionSteps: 1)

    @Test("computes what its definition says", arguments: [odd, usual])
    func definition(_ network: ReferenceNetwork) throws {
        let head = try RouterHead(safetensors: try network.file().bytes())
        for seed in 0..<2 {
            let vector = network.vector(seed: seed)
            let expected = network.scores(vector)
            let scores = head.scores(vector, text: "")
            for (score, expected) in zip([scores.hard, scores.soft, scores.webQuery], expected) {
                #expect(abs(score - expected) < 1e-5)
            }
        }
    }

    @Test("one token of one channel is normalised to its sign")
    func byHand() throws {
        var file = WeightsFile.head(
            "trm", inputs: 1,
            [
                "dim": "1", "tokens": "1", "recursions": "1", "latent_steps": "1", "supervision_steps": "1",
                "eps": "1e-12", "halt": "false",
            ])
        file.add("input.weight", [1, 1], [-3])
        file.add("input.bias", [1], [1])
        file.add("y0", [1, 1], [0.5])
        file.add("z0", [1, 1], [0.25])
        for layer in 0..<2 {
            file.add("layers.\(layer).token.gate_up", [2, 1], [0, 0])
            file.add("layers.\(layer).token.down", [1, 1], [0])
            file.add("layers.\(layer).token.norm", [1], [1])
            file.add("layers.\(layer).channel.gate_up", [2, 1], [0, 0])
            file.add("layers.\(layer).channel.down", [1, 1], [0])
            file.add("layers.\(layer).channel.norm", [1], [2])
        }
        file.add("head.weight", [3, 1], [1, -1, 0])
        file.add("head.bias", [3], [0, 0, 1])
        let head = try RouterHead(safetensors: try file.bytes())
        // x = −3 + 1; z = 2 · sign(−2 + 0.5 + 0.25) = −2; y = 2 · sign(0.5 − 2) = −2: logits −2, 2, 1.
        let scores = head.scores([1], text: "")
        #expect(abs(scores.hard - 0.119202922) < 1e-6)
        #expect(abs(scores.soft - 0.880797078) < 1e-6)
        #expect(abs(scores.webQuery - 0.731058579) < 1e-6)
    }

    @Test("stops when it wants to, if it may")
    func halting() throws {
        var network = Self.odd
        let vector = network.vector(seed: 1)
        let twice = network.scores(vector)
        network.supervisionSteps = 1
        let once = network.scores(vector)
        try #require(abs(once[0] - twice[0]) > 1e-4)
        for (halt, bias, expected) in [("true", 100, once), ("true", -100, twice), ("false", 100, twice)] {
            var file = Self.odd.file()
            file.metadata["halt"] = halt
            file.add("halt.weight", [1, 11], Array(repeating: 0, count: 11))
            file.add("halt.bias", [1], [Float(bias)])
            let scores = try RouterHead(safetensors: try file.bytes()).scores(vector, text: "")
            #expect(abs(scores.hard - expected[0]) < 1e-5)
        }
    }

    @Test("the way past the network is added")
    func skip() throws {
        var file = Self.odd.file()
        file.add("skip.weight", [3, 5], Array(repeating: 0, count: 10) + [1, 2, 3, 4, 5])
        let vector = Self.odd.vector(seed: 2)
        let scores = try RouterHead(safetensors: try file.bytes()).scores(vector, text: "")
        let past = zip(vector, 1...).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let expected = ReferenceNetwork.sigmoid(Self.odd.logits(vector)[2] + past)
        #expect(abs(scores.webQuery - expected) < 1e-5)
        #expect(abs(scores.hard - Self.odd.scores(vector)[0]) < 1e-5)
    }

    @Test("a network that does not fit together, or is far too large, is refused")
    func refusals() throws {
        let cases: [(String, String, String)] = [
            ("tokens", "4", "tensor 'input.weight' has the shape [33, 5], not [44, 5]"),
            ("tokens", "0", "tokens = '0', not a whole number"),
            ("eps", "0", "eps = '0', not a number"),
            ("halt", "true", "tensor 'halt.bias' is missing"),
        ]
        for (key, value, expected) in cases {
            var file = Self.odd.file()
            file.metadata[key] = value
            let error = #expect(throws: RouterFileError.self) { try RouterHead(safetensors: try file.bytes()) }
            #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
        var large = Self.usual.file()
        large.metadata.merge(["recursions": "64", "latent_steps": "64", "supervision_steps": "64"]) { $1 }
        let error = #expect(throws: RouterFileError.self) { try RouterHead(safetensors: try large.bytes()) }
        #expect(error?.message.contains("takes more than 1000000000 multiplications") == true)
    }
}
