import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server on bare sockets, which answers every request with the same bytes and then does what no HTTP library would.
enum RawUpstream {
    /// A thing that the server does after it has read a request.
    enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        /// Sends one byte after the other, with a pause after each.
        case trickle(String, every: Duration)
        case pause(Duration)
        /// Ends its own direction of the connection and goes on listening.
        case halfClose
        /// Ends the connection without a farewell (RST).
        case reset
        /// Does nothing until the client leaves.
        case hang
    }

    /// Runs `body` with the base URL of a server that does `steps` for every request, and then closes the connection.
    static func run<Result>(_ steps: [Step], _ body: (String) async throws -> Result) async throws -> Result {
        let listener = try Listener(backlog: 16)
        let (stop, stopped) = try makePipe()
        // Threads of its own: those that dispatch lends are few, and the program under test needs them.
        let group = DispatchGroup()
        @Sendable func start(_ work: @escaping @Sendable () -> Void) {
            group.enter()
            Thread.detachNewThread {
                work()
                group.leave()
            }
        }
        start {
            while isReadable(listener.descriptor, unless: stop) {
                let connection = accept(listener.descriptor, nil, nil)
                start {
                    serve(connection, steps, stop: stop)
                    close(connection)
                }
            }
        }
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body("http://127.0.0.1:\(listener.port)"))
        } catch {
            result = .failure(error)
        }
        close(stopped)
        await withCheckedContinuation { done in group.notify(queue: .global()) { done.resume() } }
        close(stop)
        close(listener.descriptor)
        return try result.get()
    }

    /// Runs `body` with the base URL of a port that answers no attempt to connect, as a host that is switched off.
    static func withBlackHole<Result>(_ body: (String) async throws -> Result) async throws -> Result {
        // The one connection that fits in the queue is made; nobody accepts it.
        let listener = try Listener(backlog: 0)
        let first = try streamSocket()
        defer {
            close(first)
            close(listener.descriptor)
        }
        guard listener.withAddress({ connect(first, $0, $1) }) == 0 else {
            throw SystemFailure(number: errno)
        }
        return try await body("http://127.0.0.1:\(listener.port)")
    }

    private static func serve(_ connection: Int32, _ steps: [Step], stop: Int32) {
        guard readRequest(connection, stop: stop) else {
            return
        }
        for step in steps {
            switch step {
            case .send(let text): write(Array(text.utf8), to: connection)
            case .sendBytes(let bytes): write(bytes, to: connection)
            case .trickle(let text, let pause):
                for byte in text.utf8 where write([byte], to: connection) {
                    guard !isReadable(stop, within: pause) else {
                        return
                    }
                }
            case .pause(let duration): _ = isReadable(stop, within: duration)
            case .halfClose:
                shutdown(connection, Int32(SHUT_WR))
                _ = isReadable(connection, unless: stop)
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
                return
            case .hang: _ = isReadable(connection, unless: stop)
            }
        }
    }

    /// Reads one request to its end: closing a connection with unread bytes would reset it.
    private static func readRequest(_ connection: Int32, stop: Int32) -> Bool {
        var text = ""
        while isReadable(connection, unless: stop) {
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(connection, &bytes, bytes.count)
            guard count > 0 else {
                return false
            }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else {
                continue
            }
            let length = text.firstMatch(of: /(?i)content-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
            if text[end.upperBound...].utf8.count >= length {
                return true
            }
        }
        return false
    }

    @discardableResult
    private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Waits until there is something to read, or the end of it.
    ///
    /// - Returns: `false` if `stop` came first.
    private static func isReadable(_ descriptor: Int32, unless stop: Int32) -> Bool {
        var polled = [descriptor, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return poll(&polled, 2, -1) > 0 && polled[1].revents == 0
    }

    private static func isReadable(_ descriptor: Int32, within patience: Duration) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, Int32(patience / .milliseconds(1))) > 0
    }

    private static func makePipe() throws -> (reading: Int32, writing: Int32) {
        var descriptors: [Int32] = [-1, -1]
        guard pipe(&descriptors) == 0 else {
            throw SystemFailure(number: errno)
        }
        return (descriptors[0], descriptors[1])
    }

    fileprivate static func streamSocket() throws -> Int32 {
        #if canImport(Glibc)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else {
            throw SystemFailure(number: errno)
        }
        return descriptor
    }
}

/// A socket that listens on a free loopback port.
private struct Listener: Sendable {
    let descriptor: Int32
    private let address: sockaddr_in

    var port: Int { Int(UInt16(bigEndian: address.sin_port)) }

    init(backlog: Int32) throws {
        descriptor = try RawUpstream.streamSocket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        self.address = address
        guard isListening else {
            throw SystemFailure(number: errno)
        }
    }

    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// A system call failed.
private struct SystemFailure: Error {
    let number: Int32
}
