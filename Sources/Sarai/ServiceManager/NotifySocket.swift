#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The socket on which a service manager listens for what its services say of themselves.
///
/// Source: sd_notify(3), unix(7).
struct NotifySocket: Hashable, Sendable {
    /// A message could not be delivered.
    struct Undelivered: Error, Hashable, Sendable, CustomStringConvertible {
        /// What happened, in the system's words.
        let description: String
    }

    /// The bytes of `sun_path`; of an abstract socket the first is 0.
    private let name: [UInt8]

    /// A socket by its path, or by its name in the abstract namespace: `/run/user/1000/systemd/notify`, `@notify`.
    ///
    /// - Returns: `nil` if it is neither, or too long for a socket.
    init?(_ text: String) {
        var name = Array(text.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        guard isAbstract || name.first == UInt8(ascii: "/"), name.count > 1, !name.contains(0),
            name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else {
            return nil
        }
        if isAbstract {
            name[0] = 0
        }
        self.name = name
    }

    /// Sends one message.
    ///
    /// Each has a socket of its own: nothing is kept open that a worker could inherit, and messages are few. A manager that does
    /// not read, so that its queue is full (10 messages, on Linux), loses them rather than holding the daemon.
    func send(_ text: String) throws(Undelivered) {
        #if os(Linux)
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else {
                throw Self.undelivered()
            }
            defer { close(descriptor) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
            // A name's length is what tells an abstract socket's name from a path, which a zero ends.
            let terminator = name[0] == 0 ? 0 : 1
            let length = socklen_t((MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + name.count + terminator)
            let bytes = Array(text.utf8)
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let sent = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, bytes, bytes.count, flags, $0, length)
                }
            }
            guard sent == bytes.count else {
                throw Self.undelivered()
            }
        #else
            throw Undelivered(description: "this system has no such service manager")
        #endif
    }

    private static func undelivered() -> Undelivered {
        Undelivered(description: String(cString: strerror(errno)).lowercased())
    }
}
