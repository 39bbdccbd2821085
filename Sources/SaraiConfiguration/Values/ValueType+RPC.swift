import SaraiCore

extension ValueType where Value == String {
    /// The address of an RPC server of llama.cpp. The engine takes names and IPv4 addresses, always with a port.
    static let rpcServer = ValueType.scalar(
        "an address such as '10.0.0.7:50052'",
        schema: ["type": .string("string"), "pattern": .string("^[^:]+:[0-9]+$")],
        render: { $0 },
        parse: { text, _ throws(Complaint) in
            guard let (host, port) = HostAndPort.split(text), let port, port > 0, !host.hasPrefix("[") else {
                throw Complaint(
                    .invalidValue,
                    "expected an address such as '10.0.0.7:50052', found \(SourceValue.quoted(text)).")
            }
            return "\(host.lowercased()):\(port)"
        }
    )
}
