import Testing

@testable import SaraiCore

@Suite("Where a model comes from")
struct ModelSourceTests {
    private static let digest = String(repeating: "a1", count: 32)

    @Test(
        "what people write is read, and written the same",
        arguments: [
            "hf.co/bartowski/SOLAR-10.7B-Instruct-v1.0-GGUF", "hf.co/ggml-org/Qwen2.5-Omni-7B-GGUF:Q4_K_M",
            "hf.co/o/r/model.gguf", "hf.co/o/r/UD-Q4_K_XL/m-00001-of-00002.gguf", "https://host/a/b/model.Q4_0.gguf",
            "hf.co/o/r/m.gguf#sha256=\(digest)", "https://host:8443/m.gguf#sha256=\(digest)",
        ])
    func roundTrip(text: String) throws {
        #expect("\(try ModelSource(parsing: text))" == text)
    }

    @Test func otherSpellingsMeanTheSame() throws {
        #expect(try ModelSource(parsing: "huggingface.co/o/r:Q8_0") == ModelSource(parsing: "hf.co/o/r:Q8_0"))
        #expect(try ModelSource(parsing: "hf.co/o/r:latest") == ModelSource(parsing: "hf.co/o/r"))
        let upper = Self.digest.uppercased()
        #expect(try ModelSource(parsing: "hf.co/o/r/m.gguf#sha256=\(upper)").digest?.hex == Self.digest)
    }

    @Test func aQueryMayHoldASecretAndIsNotShown() throws {
        let source = try ModelSource(parsing: "https://h/m.gguf?signature=secret")
        #expect(source.place == .url("https://h/m.gguf?signature=secret"))
        #expect("\(source)" == "https://h/m.gguf")
        #expect(throws: InvalidModelSource.self) { try ModelSource(parsing: "https://me:secret@h/m.gguf") }
        do throws(InvalidModelSource) {
            _ = try ModelSource(parsing: "https://me:secret@h/m.gguf")
        } catch {
            #expect(!error.description.contains("secret"))
        }
    }

    @Test(
        "nothing that could leave a folder, be hidden or be an option is a name",
        arguments: [
            "hf.co/../r", "hf.co/o/..", "hf.co/o/r/../m.gguf", "hf.co/o/r/a/../../m.gguf", "hf.co/o/r//m.gguf",
            "hf.co/o/r/.m.gguf", "hf.co/o/r/-m.gguf", "hf.co/o/r/m..gguf", "hf.co/o/r/a%2Fb.gguf",
            "hf.co/o/r/a\\b.gguf", "hf.co/o/r/a b.gguf", "hf.co/o/r/a\nb.gguf", "hf.co/o/r/\u{FF0E}\u{FF0E}/m.gguf",
            "hf.co/o/r/a/b/c/d/e/m.gguf", "hf.co/o/r/m.safetensors", "hf.co/o/r:../../x", "hf.co/o/r:a/b",
            "hf.co//r", "hf.co/o/", "hf.co/o", "hf.co/", "https://h/..gguf", "https://h/%2e%2e.gguf", "https://h/m.bin",
            "https:///m.gguf", "https://h/", "ftp://h/m.gguf", "file:///etc/m.gguf", "solar", "",
        ])
    func refused(text: String) {
        #expect(throws: InvalidModelSource.self) { try ModelSource(parsing: text) }
    }

    @Test(
        "a checksum is whole, and goes with one file",
        arguments: [
            "hf.co/o/r#sha256=\(digest)", "hf.co/o/r:Q4_0#sha256=\(digest)", "https://h/m.gguf#sha256=abc",
            "https://h/m.gguf#md5=\(digest)", "https://h/m.gguf#", "https://h/m.gguf#sha256=\(digest)0",
            "https://h/m.gguf#sha256=\(String(repeating: "g", count: 64))",
        ])
    func refusedChecksums(text: String) {
        #expect(throws: InvalidModelSource.self) { try ModelSource(parsing: text) }
    }

    @Test func namesOfAnyLengthAreBounded() {
        #expect(SafeName.isComponent(String(repeating: "a", count: 200)))
        #expect(!SafeName.isComponent(String(repeating: "a", count: 201)))
        #expect(!SafeName.isComponent("é"))
        #expect(!SafeName.isComponent("²"))
    }
}
