import Testing

@testable import SaraiRouter

@Suite("Mini")
struct MiniRouterTests {
    @Test(
        "sees lower case, no accents and single spaces",
        arguments: [
            ("Hola", " hola "), ("", "  "), (" \n\t ", "  "), ("¿Qué  ÁRBOL?\n", " ¿que arbol? "), ("ÑANDÚ", " nandu "),
            ("e\u{301}", " e "), ("İstanbul ΣΑΣ", " istanbul σασ "), ("a\u{a0}\u{3000}b", " a b "),
            ("ﬁn x²", " ﬁn x² "),
            ("한", " \u{1112}\u{1161}\u{11ab} "), ("\u{301}", "  "), ("👍🏽!", " 👍🏽! "),
        ])
    func normalisation(_ text: String, _ expected: String) {
        let normalized = NormalizedText(text)
        // Not as strings, whose equality ignores how accents are written.
        #expect(normalized.bytes == Array(expected.utf8))
        #expect(normalized.offsets.count == expected.unicodeScalars.count + 1)
        #expect(normalized.offsets.last == normalized.bytes.count)
    }

    @Test("looks at the first 512 scalars")
    func length() {
        let text = String(repeating: "é ", count: 256)
        #expect(NormalizedText(text + "more").bytes == NormalizedText(text).bytes)
        #expect(NormalizedText(String(repeating: "a", count: 600)).bytes.count == 514)
    }

    @Test("finds words of letters and digits")
    func words() {
        let text = NormalizedText("¿Qué hora-es, a las 10? x_y")
        let words = text.words.map { String(decoding: text.bytes[$0], as: UTF8.self) }
        #expect(words == ["que", "hora", "es", "a", "las", "10", "x", "y"])
    }

    @Test("hashes as FNV-1a does")
    func hash() {
        // Source: the test vectors of the hash's authors.
        #expect(FNV1a("").value == 0xcbf2_9ce4_8422_2325)
        #expect(FNV1a("a").value == 0xaf63_dc4c_8601_ec8c)
        #expect(FNV1a("foobar").value == 0x8594_4171_f739_67e8)
        var hash = FNV1a("foo")
        hash.add(Array("bar".utf8)[...])
        #expect(hash.value == FNV1a("foobar").value)
    }

    @Test("has an n-gram per sequence, word and pair of words")
    func features() {
        let keys = [
            "c: a", "c:a ", "c: b", "c:b ", "c: a ", "c:a b", "c: b ", "c: a b", "c:a b ", "c: a b ", "w:a", "w:b",
            "b:a b",
        ]
        let count = 1 << 20
        let expected = Set(keys.map { Int(FNV1a($0).value % UInt64(count)) })
        let buckets = TextFeatures("A b", buckets: count).buckets
        #expect(Set(buckets) == expected && buckets.count == keys.count)
        #expect(TextFeatures("", buckets: count).buckets == [Int(FNV1a("c:  ").value % UInt64(count))])
        #expect(TextFeatures("a b", buckets: 1).buckets == [0])
    }

    private func file() -> WeightsFile {
        WeightsFile(
            metadata: [
                "format": "sarai-mini-1", "scale": "2,1,1", "bias": "0,0.5,0",
            ], tensors: [])
    }

    @Test("adds the weights of the buckets, each once")
    func scores() throws {
        var file = file()
        // "hello world" falls into both buckets: the sum of the rows over √2.
        file.add("weight", [2, 3], [1, 2, 3, -3, 2, 1])
        file.add("bias", [3], [1, 0, -1])
        let scores = try MiniRouter(safetensors: try file.bytes()).scores("hello world")
        // Logits −2/√2 + 1, 4/√2, 4/√2 − 1; calibrated 2 · −0.41421356, 2.82842712 + 0.5, 1.82842712.
        #expect(abs(scores.hard - 0.30397775) < 1e-6)
        #expect(abs(scores.soft - 0.96539126) < 1e-6)
        #expect(abs(scores.webQuery - 0.86157425) < 1e-6)
    }

    @Test("a wrong file is refused")
    func refusals() throws {
        var file = file()
        file.add("weight", [3, 3], Array(repeating: 0, count: 9))
        file.add("bias", [3], [0, 0, 0])
        #expect(throws: RouterFileError("m", "tensor 'weight' has 3 rows, not a power of two")) {
            try MiniRouter(safetensors: try file.bytes(), file: "m")
        }
        #expect(throws: RouterFileError("m", "its format is 'sarai-router-1', not 'sarai-mini-1'")) {
            try MiniRouter(safetensors: try WeightsFile.head("logistic", inputs: 2).bytes(), file: "m")
        }
    }
}
