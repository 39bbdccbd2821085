import Logging
import SaraiAccess
import SaraiConfiguration
import SaraiServer

extension Daemon {
    /// Who may ask.
    static func access(
        _ server: ServerConfiguration, paths: SaraiPaths, logger: Logger
    ) throws(AccessError) -> AccessControl {
        let control = try AccessControl(
            file: APIKeyFile(path: server.keysFile ?? paths.keys), keys: server.apiKeys, listen: server.listen
        ) { error in
            logger.error("API keys cannot be read", metadata: ["reason": "\(error)"])
        }
        if !server.listen.isLoopback, server.tls == nil {
            logger.warning(
                "API keys and answers cross the network in the clear", metadata: ["remedy": "set server.tls"])
        }
        return control
    }

    /// What the server proves itself with; `nil` for plain HTTP.
    static func certificate(
        _ server: ServerConfiguration, logger: Logger
    ) throws(AccessError) -> ServerCertificate? {
        guard let files = server.tls else {
            return nil
        }
        return try ServerCertificate(files) { error in
            logger.error("changed certificate not used", metadata: ["reason": "\(error)"])
        }
    }
}
