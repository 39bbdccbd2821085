import SaraiCore
import Testing

@testable import SaraiServer

@Suite("Forms with files")
struct MultipartFormTests {
    private static let type = "multipart/form-data; boundary=xYz"

    /// A form as clients send it: each part a header and a content.
    private func form(_ parts: [(headers: String, content: [UInt8])], boundary: String = "xYz") -> [UInt8] {
        let body = parts.flatMap { part in
            Array("--\(boundary)\r\n\(part.headers)\r\n\r\n".utf8) + part.content + Array("\r\n".utf8)
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    private func field(_ name: String, _ text: String) -> (headers: String, content: [UInt8]) {
        ("Content-Disposition: form-data; name=\"\(name)\"", Array(text.utf8))
    }

    @Test("are taken apart, byte for byte")
    func whole() throws {
        let sound = (0...255).map(UInt8.init) + Array("\r\n--xY\r\n--\r\n\r\n--".utf8)
        let form = try MultipartForm(
            form([
                field("model", "whisper-1"), field("prompt", ""), field("language", "es\r\nñ"),
                (
                    "Content-Type: audio/wav\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nX-More: 1",
                    sound
                ),
            ]), contentType: Self.type)
        #expect(form.fields.map(\.name) == ["model", "prompt", "language", "file"])
        #expect(form.field("model")?.text == "whisper-1")
        #expect(form.field("prompt")?.text == "")
        #expect(form.field("language")?.text == "es\r\nñ")
        #expect(form.field("file").map { Array($0.content) } == sound)
        #expect(form.field("file")?.fileName == "a.wav" && form.field("model")?.fileName == nil)
        #expect(form.field("nothing") == nil)
    }

    @Test(
        "have a boundary, quoted or not",
        arguments: [
            "multipart/form-data; boundary=xYz", "multipart/form-data; boundary=\"xYz\"",
            "multipart/form-data;boundary=xYz", "multipart/form-data; charset=utf-8; Boundary=xYz",
            "multipart/form-data; boundary=xYz; charset=utf-8", "multipart/form-data; boundary=xYz ; charset=utf-8",
        ])
    func boundary(type: String) throws {
        #expect(try MultipartForm(form([field("a", "1")]), contentType: type).field("a")?.text == "1")
    }

    @Test("may be empty, and may have more after their end")
    func ends() throws {
        #expect(try MultipartForm(Array("--xYz--\r\n".utf8), contentType: Self.type).fields.isEmpty)
        let more = form([field("a", "1")]) + Array("anything".utf8)
        #expect(try MultipartForm(more, contentType: Self.type).fields.count == 1)
    }

    @Test(
        "whose files have any name",
        arguments: ["a b.wav", "año;1.wav", "x; name=other.wav", "a=b.wav", "a%22b.wav"])
    func fileNames(name: String) throws {
        let header = "Content-Disposition: form-data; filename=\"\(name)\"; name=\"file\""
        let form = try MultipartForm(form([(header, [1])]), contentType: Self.type)
        #expect(form.fields.map(\.name) == ["file"])
        #expect(form.fields.first?.fileName == name)
    }

    @Test(
        "that are none are refused",
        arguments: [
            "", "\r\n", "{\"text\": \"x\"}", "--xYz", "--xYz\r\n", "--xY\r\n--xY--",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xY",
            "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xYz\r\n",
            "--xYz\r\nContent-Disposition: form-data\r\n\r\n1\r\n--xYz--", "--xYz\r\n\r\n\r\n1\r\n--xYz--",
            "--xYz\r\nContent-Type: text/plain; name=\"a\"\r\n\r\n1\r\n--xYz--",
        ])
    func malformed(body: String) {
        let error = #expect(throws: PoolError.self) { try MultipartForm(Array(body.utf8), contentType: Self.type) }
        #expect(error?.code == .invalidRequest)
    }

    @Test(
        "that do not say where their parts end are refused",
        arguments: [
            "", "multipart/form-data", "multipart/form-data; boundary", "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
        ])
    func noBoundary(type: String) {
        #expect(throws: PoolError.self) { try MultipartForm(form([field("a", "1")]), contentType: type) }
    }

    @Test("of more parts than anybody needs are refused, and hostile ones do not take long")
    func hostile() {
        let many = form((0..<33).map { field("f\($0)", "") })
        #expect(throws: PoolError.self) { try MultipartForm(many, contentType: Self.type) }

        // Nearly an end, over and over; and headers that never end.
        let head = Array("--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n".utf8)
        let nearly = head + Array(repeating: Array("\r\n--xY".utf8), count: 40_000).flatMap(\.self)
        let open = Array("--xYz\r\n".utf8) + Array(repeating: Array("\r\n\r".utf8), count: 40_000).flatMap(\.self)
        let time = ContinuousClock().measure {
            for body in [nearly, open] {
                #expect(throws: PoolError.self) { try MultipartForm(body, contentType: Self.type) }
            }
        }
        #expect(time < .seconds(10), "linear in its length, in a debug build on a busy machine")
    }
}
