import NIOCore
import Testing

@testable import SaraiServer

@Suite("The depth of JSON")
struct JSONDepthTests {
    private func exceeds(_ limit: Int, _ text: String) -> Bool {
        JSONDepth.exceeds(limit, in: ByteBuffer(string: text))
    }

    @Test("counts objects and lists")
    func brackets() {
        #expect(!exceeds(2, #"{"a": [1, 2], "b": {"c": 1}, "d": []}"#))
        #expect(exceeds(1, #"{"a": [1]}"#))
        #expect(!exceeds(3, String(repeating: "[", count: 3)))
        #expect(exceeds(3, String(repeating: "[", count: 4)))
        #expect(exceeds(96, String(repeating: #"{"a":"#, count: 1_000_000)))
    }

    @Test(
        "passes over strings", arguments: [#"["[[[["]"#, #"["\"[[[["]"#, #"["\\"]"#, #"{"[[": "{{"}"#, #"["a\\\"[["]"#])
    func strings(text: String) {
        #expect(!exceeds(1, text))
    }

    @Test("sees what stands behind a string", arguments: [#"["\\", [1]]"#, #"["a", {"b": 1}]"#, #"["", [1]]"#])
    func behind(text: String) {
        #expect(exceeds(1, text))
    }

    @Test("survives what is no JSON", arguments: ["", "\"", "\"\\", "]]]]", "}[", "\"\\\""])
    func noJSON(text: String) {
        #expect(!exceeds(2, text))
    }
}
