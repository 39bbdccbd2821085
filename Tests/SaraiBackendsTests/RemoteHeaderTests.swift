import Foundation
import Hummingbird
import SaraiMemory
import SaraiTestSupport
import Synchronization
import Testing

@testable import SaraiBackends

/// A GGUF file whose header is as long as a test needs.
private enum TestFile {
    /// A header with a vocabulary of so many texts of 32 bytes, and one tensor with data.
    static func make(tokens: Int, extraKeys: [(String, UInt16)] = []) -> [UInt8] {
        func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
            withUnsafeBytes(of: value.littleEndian) { Array($0) }
        }
        func text(_ value: String) -> [UInt8] { number(UInt64(value.utf8.count)) + Array(value.utf8) }
        var bytes = Array("GGUF".utf8) + number(UInt32(3)) + number(UInt64(1)) + number(UInt64(2 + extraKeys.count))
        bytes += text("general.architecture") + number(UInt32(8)) + text("llama")
        for (key, value) in extraKeys {
            bytes += text(key) + number(UInt32(2)) + number(value)
        }
        bytes += text("tokenizer.ggml.tokens") + number(UInt32(9)) + number(UInt32(8)) + number(UInt64(tokens))
        let token = text(String(repeating: "t", count: 32))
        for _ in 0..<tokens {
            bytes += token
        }
        bytes += text("w\(extraKeys.first?.1 ?? 0)") + number(UInt32(1)) + number(UInt64(1 << 20)) + number(UInt32(0))
        bytes += number(UInt64(0))
        return bytes + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32 + 4 << 20)
    }
}

/// Requests that a server was sent.
private final class Log: Sendable {
    private let entries = Mutex<[Request]>([])

    func add(_ request: Request) -> Int {
        entries.withLock {
            $0.append(request)
            return $0.count
        }
    }

    var requests: [Request] { entries.withLock { $0 } }
}

/// The first and the last byte that a request asks for.
private func bounds(of request: Request) -> [Int] {
    (request.headers[.range] ?? "").dropFirst(6).split(separator: "-").compactMap { Int($0) }
}

/// Serves parts of a file, as servers should.
private func serve(_ file: [UInt8], to request: Request, etag: String? = nil, atMost count: Int = 1 << 40) -> Response {
    let bounds = bounds(of: request)
    guard bounds.count == 2, bounds[0] < file.count else {
        return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(file.count)"])
    }
    let range = bounds[0]..<min(bounds[1] + 1, file.count, bounds[0] + count)
    var response = Response(
        status: .partialContent,
        headers: [.contentRange: "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.count)"],
        body: .init(byteBuffer: ByteBuffer(bytes: file[range])))
    response.headers[.eTag] = etag
    return response
}

@Suite struct RemoteHeaderTests {
    private func read(
        patience: Duration = .seconds(10), path: String = "/m.gguf",
        answering answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws -> RemoteHeader {
        try await StubUpstream.run(answering: answer) { url in
            try await RemoteHeaderReader.read(url + path, patience: patience)
        }
    }

    private func message(
        patience: Duration = .seconds(10), path: String = "/m.gguf",
        answering answer: @escaping @Sendable (Request) async throws -> Response
    ) async throws -> String {
        do {
            let header = try await read(patience: patience, path: path, answering: answer)
            return "no error: \(header.header.tensors.count) tensors"
        } catch let error as BackendError {
            return error.message
        } catch let error as GGUFError {
            return error.message
        }
    }

    @Test(arguments: [(10, 1), (100_000, 2), (1_000_000, 3)])
    func headersOfAllLengthsTakeFewRequestsAndNoWeights(tokens: Int, requests: Int) async throws {
        let file = TestFile.make(tokens: tokens)
        let log = Log()
        let remote = try await read { request in
            _ = log.add(request)
            return serve(file, to: request, etag: "\"1\"")
        }
        #expect(remote.header.metadata["tokenizer.ggml.tokens"]?.arrayValue?.count == tokens)
        #expect(remote.fileSize == file.count)
        #expect(remote.traffic.requests == requests && log.requests.count == requests)
        #expect(remote.traffic.bytes >= remote.header.headerBytes)
        #expect(remote.traffic.bytes <= max(1 << 20, 2 * remote.header.headerBytes + (1 << 20)))
        #expect(log.requests.allSatisfy { $0.headers[.acceptEncoding] == "identity" })
        #expect(log.requests.dropFirst().allSatisfy { $0.headers[.ifRange] == "\"1\"" })
    }

    @Test(arguments: [true, false])
    func aServerWithoutRangesIsReadAsFarAsNeeded(tellsLength: Bool) async throws {
        let file = TestFile.make(tokens: 10)
        let sent = Mutex(0)
        let remote = try await read { _ in
            Response(
                status: .ok, headers: tellsLength ? [.contentLength: "\(file.count + (1 << 30))"] : [:],
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(bytes: file))
                    // A gigabyte of weights, which nobody may wait for.
                    for _ in 0..<1024 {
                        try await writer.write(ByteBuffer(repeating: 0, count: 1 << 20))
                        sent.withLock { $0 += 1 << 20 }
                    }
                    try await writer.finish(nil)
                })
        }
        #expect(remote.header.tensors.count == 1)
        #expect(remote.fileSize == (tellsLength ? file.count + (1 << 30) : remote.header.fileBytes))
        #expect(remote.traffic.requests == 1 && remote.traffic.bytes <= file.count)
        #expect(sent.withLock { $0 } < 1 << 29)
    }

    @Test func redirectsAreFollowedOnceAndRemembered() async throws {
        let file = TestFile.make(tokens: 100_000)
        let remote = try await read(path: "/resolve/m.gguf?download=true") { request in
            guard request.uri.path == "/cdn/m" else {
                return Response(status: .temporaryRedirect, headers: [.location: "../cdn/m?signature=secret"])
            }
            #expect(request.uri.queryParameters["signature"] == "secret")
            return serve(file, to: request)
        }
        #expect(remote.traffic.requests == 3)
        let endless = try await message { _ in Response(status: .found, headers: [.location: "/m.gguf"]) }
        #expect(endless.contains("more than 5 redirects"))
    }

    @Test func redirectsDoNotLeaveEncryption() throws {
        let address = try RemoteAddress("https://hub.example/m.gguf?token=t")
        #expect(try address.redirected(to: "https://cdn.example/x").url == "https://cdn.example/x")
        #expect(try address.redirected(to: "/x").url == "https://hub.example/x")
        #expect("\(address)" == "https://hub.example/m.gguf")
        for target in ["http://cdn.example/x", "file:///etc/passwd", "https://a:b@cdn.example/x", "ftp://cdn.example/"]
        {
            #expect(throws: BackendError.self) { try address.redirected(to: target) }
        }
        for wrong in ["m.gguf", "https://", "https://user:secret@hub.example/m.gguf", "ftp://hub.example/m.gguf"] {
            let error = #expect(throws: BackendError.self) { try RemoteAddress(wrong) }
            #expect(error?.message.contains("secret") == false)
        }
    }

    @Test(arguments: [
        (404, "no such file (status 404)"), (403, "permission"), (401, "permission"), (416, "status 416"),
        (500, "status 500"), (503, "too much to do"), (302, "status 302"),
    ])
    func statusesAreExplained(status: Int, words: String) async throws {
        let message = try await message { _ in Response(status: .init(code: status)) }
        #expect(message.contains(words) && message.contains("/m.gguf: "), "\(message)")
    }

    @Test func whatIsNoModelIsExplained() async throws {
        let page = try await message { _ in
            Response(
                status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "<!doctype html><title>Sign in</title>")))
        }
        #expect(page.contains("not a GGUF file") && page.contains("web page"), "\(page)")
        let pointer = try await message { request in
            serve(Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\n".utf8), to: request)
        }
        #expect(pointer.contains("Git LFS pointer"), "\(pointer)")
        let empty = try await message { request in serve([], to: request) }
        #expect(empty.contains("the file is empty"), "\(empty)")
        let cut = try await message { request in serve(TestFile.make(tokens: 10).dropLast(1), to: request) }
        #expect(cut.contains("tensor 'w0': data ends at byte"), "\(cut)")
    }

    @Test(arguments: ["etag", "size", "no ranges", "wrong part"])
    func aFileThatChangesMeanwhileIsNotMixed(how: String) async throws {
        let file = TestFile.make(tokens: 100_000)
        let log = Log()
        let message = try await message { request in
            guard log.add(request) > 1 else {
                return serve(file, to: request, etag: "\"1\"")
            }
            switch how {
            case "etag": return serve(file, to: request, etag: "\"2\"")
            case "size": return serve(file + [0], to: request)
            case "no ranges": return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: file)))
            default:
                return Response(
                    status: .partialContent, headers: [.contentRange: "bytes 0-9/\(file.count)"],
                    body: .init(byteBuffer: ByteBuffer(bytes: file.prefix(10))))
            }
        }
        #expect(message.contains(how == "wrong part" ? "another part" : "changed"), "\(message)")
        #expect(log.requests.count == 2)
    }

    @Test func aConnectionThatBreaksIsTakenUpWhereItBroke() async throws {
        let file = TestFile.make(tokens: 100_000)
        let log = Log()
        let remote = try await read { request in
            guard log.add(request) == 1 else {
                return serve(file, to: request)
            }
            return Response(
                status: .partialContent,
                headers: [.contentRange: "bytes 0-1048575/\(file.count)", .contentLength: "1048576"],
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(bytes: file[..<700_000]))
                    throw CancellationError()
                })
        }
        #expect(remote.header.tensors.count == 1 && remote.fileSize == file.count)
        // What the stub had not sent when it was cut is lost; what has arrived is not asked for again.
        let starts = log.requests.compactMap { bounds(of: $0).first }
        #expect(starts.count >= 2 && starts[0] == 0 && 0...700_000 ~= starts[1], "\(starts)")
        #expect(remote.traffic.requests == starts.count && starts.count <= 3)
        let broken = try await message { _ in
            Response(status: .ok, body: ResponseBody { _ in throw CancellationError() })
        }
        #expect(broken.contains("connection"), "\(broken)")
    }

    @Test func aServerThatFallsSilentIsGivenUp() async throws {
        let before = try await message(patience: .seconds(2)) { _ in
            try await Task.sleep(for: .seconds(30))
            return Response(status: .ok)
        }
        #expect(before.contains("the server sends nothing"), "\(before)")
        let midway = try await message(patience: .seconds(2)) { _ in StubUpstream.hang(after: ["GGUF"]) }
        #expect(midway.contains("the server sends nothing"), "\(midway)")
    }

    @Test func aServerThatSendsLittleAtATimeIsGivenUp() async throws {
        let file = TestFile.make(tokens: 100_000)
        let log = Log()
        let message = try await message { request in
            _ = log.add(request)
            return serve(file, to: request, atMost: 1000)
        }
        #expect(message.contains("after 5 requests only 5000 bytes"), "\(message)")
        #expect(log.requests.count == 5)
    }

    @Test func allPartsOfASplitModelAreRead() async throws {
        let parts = (0..<3).map { TestFile.make(tokens: 10, extraKeys: [("split.no", $0), ("split.count", 3)]) }
        let remote = try await read(path: "/m-00001-of-00003.gguf?download=true") { request in
            #expect(request.uri.queryParameters["download"] == "true")
            let number = try #require(request.uri.path.dropLast(14).last.flatMap { Int(String($0)) })
            return serve(parts[number - 1], to: request)
        }
        #expect(remote.header.tensors.map(\.name) == ["w0", "w1", "w2"])
        #expect(remote.fileSize == parts.map(\.count).reduce(0, +))
        #expect(remote.traffic.requests == 3)
    }
}
