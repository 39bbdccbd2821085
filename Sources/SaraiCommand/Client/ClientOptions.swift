import ArgumentParser
import Foundation
import SaraiBackends

/// The options of every command that talks to a daemon.
struct ClientOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon: HOST:PORT, http(s)://HOST:PORT or unix:PATH (default: SARAI_HOST, else \(DaemonAddress.standard)).",
            valueName: "address"))
    var host: String?

    @Option(
        help: ArgumentHelp(
            "The certificates that may vouch for a daemon at an https:// address (default: SSL_CERT_FILE, else the machine's).",
            valueName: "file"))
    var ca: String?

    func validate() throws {
        _ = try namedAddress()
    }

    /// What `SARAI_HOST` says; `nil` where it says nothing.
    static var variable: String? {
        ProcessInfo.processInfo.environment["SARAI_HOST"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The address that is asked for by the flag or by `SARAI_HOST`; `nil` if by neither.
    func namedAddress() throws -> DaemonAddress? {
        guard let text = host ?? Self.variable else {
            return nil
        }
        guard var address = DaemonAddress(parsing: text) else {
            let source = host == nil ? "SARAI_HOST" : "--host"
            throw ValidationError("\(source) is '\(text)', which is not HOST:PORT, http(s)://HOST:PORT or unix:PATH.")
        }
        let authorities = ca ?? ProcessInfo.processInfo.environment["SSL_CERT_FILE"] ?? ""
        if !authorities.isEmpty {
            guard FileManager.default.isReadableFile(atPath: authorities) else {
                throw ValidationError("\(ca == nil ? "SSL_CERT_FILE" : "--ca"): there is no file \(authorities).")
            }
            address.trust = .authorities(file: authorities)
        }
        return address
    }

    /// The daemon's address.
    func address() throws -> DaemonAddress {
        try namedAddress() ?? .standard
    }
}
