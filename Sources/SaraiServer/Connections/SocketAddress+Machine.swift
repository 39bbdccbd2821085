import NIOCore

extension SocketAddress {
    /// The bytes of the IP address, 4 or 16; `nil` of a unix socket.
    ///
    /// An IPv4 address is 4 bytes also where a socket for both kinds has it in the form of IPv6 (RFC 4291, section 2.5.5.2).
    var ipBytes: [UInt8]? {
        let bytes = withSockAddr { Array(UnsafeRawBufferPointer(start: $0, count: $1)) }
        // Where the address lies behind family, port and, of IPv6, flow. Source: ip(7) and ipv6(7).
        switch self {
        case .v4: return Array(bytes[4..<8])
        case .v6:
            let address = Array(bytes[8..<24])
            let isMapped = address.prefix(10).allSatisfy { $0 == 0 } && address[10] == 0xFF && address[11] == 0xFF
            return isMapped ? Array(address[12...]) : address
        case .unixDomainSocket: return nil
        }
    }

    /// The machine that has this address, as far as counting goes: of IPv6 the network, within which one machine may take
    /// any address it likes. `nil` for this machine.
    var clientMachine: String? {
        guard let bytes = ipBytes else {
            return nil
        }
        guard bytes.count == 16 else {
            return bytes.first == 127 ? nil : bytes.map(String.init).joined(separator: ".")
        }
        guard bytes != [UInt8](repeating: 0, count: 15) + [1] else {
            return nil
        }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }
}
