import Foundation
import NIOSSL
import SaraiAccess
import SaraiConfiguration

/// Who may ask this machine, how, and whether the files that decide it are safe.
enum AccessChecks {
    static func check(_ server: ServerConfiguration, _ paths: SaraiPaths) -> [Check] {
        let file = APIKeyFile(path: server.keysFile ?? paths.keys)
        var checks: [Check] = []
        do throws(AccessError) {
            let names = try file.read().entries.map(\.name)
            checks.append(access(server, names, file))
        } catch {
            checks.append(.fail("access", error.message, advice: "The daemon does not start like that."))
        }
        do throws(AccessError) {
            _ = try ClientKey.file.read()
        } catch {
            checks.append(.warn("client key", error.message))
        }
        checks.append(encryption(server))
        return checks
    }

    /// Whether whoever can connect is let in.
    private static func access(_ server: ServerConfiguration, _ names: [String], _ file: APIKeyFile) -> Check {
        let count = names.count + server.apiKeys.count
        let others = server.apiKeys.isEmpty ? [] : ["\(server.apiKeys.count) of server.api_keys"]
        let keys = (names + others).joined(separator: ", ")
        switch (server.listen, count) {
        case (.unix(let path), 0):
            return .ok("access", "whoever may open \(path); no API keys")
        case (_, 0) where server.listen.isLoopback:
            return .ok("access", "every program of this machine; no API keys")
        case (_, 0):
            return .fail(
                "access", "\(server.listen) can be reached from other machines, and there is no API key",
                advice: "'sarai keys add NAME' makes one, in \(file.path). Without one the daemon does not start.")
        default:
            return .ok("access", "whoever has a key (\(keys)), at \(server.listen)")
        }
    }

    private static func encryption(_ server: ServerConfiguration) -> Check {
        guard let files = server.tls else {
            guard case .tcp = server.listen, !server.listen.isLoopback else {
                return .ok("encryption", "none; nothing leaves this machine")
            }
            return .warn(
                "encryption", "none: keys and answers cross the network in the clear",
                advice: "Set server.tls (docs/security.md), or reach the daemon through a tunnel such as WireGuard.")
        }
        if let check = keyPermissions(files.key) {
            return check
        }
        guard let certificate = try? NIOSSLCertificate.fromPEMFile(files.certificate).first else {
            return .fail("encryption", "server.tls.certificate: \(files.certificate) holds no certificate in PEM")
        }
        let days = (Double(certificate.notValidAfter) - Date().timeIntervalSince1970) / 86_400
        guard days > 0 else {
            return .fail(
                "encryption", "the certificate in \(files.certificate) has expired",
                advice: "Renew it; a running daemon takes the new one by itself.")
        }
        let message = "TLS with \(files.certificate), valid for \(Int(days)) more days"
        return days < 14 ? .warn("encryption", message, advice: "Renew it.") : .ok("encryption", message)
    }

    /// What is wrong with the permissions of a private key; `nil` if nothing is.
    private static func keyPermissions(_ path: String) -> Check? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue else {
            return .fail("encryption", "server.tls.key: \(path) cannot be read")
        }
        guard mode & 0o007 == 0 else {
            return .fail(
                "encryption", "server.tls.key: everybody on this machine may read \(path)",
                advice: "Run 'chmod o= \(path)'.")
        }
        return nil
    }
}
