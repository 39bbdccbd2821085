import NIOCore
import Synchronization

/// The connections of all event loops together.
final class ConnectionRegister: Sendable {
    private let counts: Mutex<ConnectionCounts>

    /// A register of no connections.
    init(_ counts: ConnectionCounts) {
        self.counts = Mutex(counts)
    }

    /// See ``ConnectionCounts/enter(_:)``.
    func enter(_ client: String?) -> ConnectionCounts.Refusal? {
        counts.withLock { $0.enter(client) }
    }

    /// See ``ConnectionCounts/leave(_:)``.
    func leave(_ client: String?) {
        counts.withLock { $0.leave(client) }
    }
}

extension SocketAddress {
    /// The machine that has this address, as far as counting goes: of IPv6 the network, within which one machine may take
    /// any address it likes. `nil` for this machine.
    var clientMachine: String? {
        let bytes = withSockAddr { Array(UnsafeRawBufferPointer(start: $0, count: $1)) }
        // Where the address lies behind family, port and, of IPv6, flow. Source: ip(7) and ipv6(7).
        switch self {
        case .v4: return Self.machine(v4: bytes[4..<8])
        case .v6: return Self.machine(v6: Array(bytes[8..<24]))
        case .unixDomainSocket: return nil
        }
    }

    private static func machine(v4 bytes: ArraySlice<UInt8>) -> String? {
        bytes.first == 127 ? nil : bytes.map(String.init).joined(separator: ".")
    }

    private static func machine(v6 bytes: [UInt8]) -> String? {
        let zeros = bytes.prefix { $0 == 0 }.count
        if zeros == 15, bytes[15] == 1 {
            return nil
        }
        // An IPv4 address in the form that a socket for both has (RFC 4291, section 2.5.5.2).
        if zeros == 10, bytes[10] == 0xFF, bytes[11] == 0xFF {
            return machine(v4: bytes[12...])
        }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
}
