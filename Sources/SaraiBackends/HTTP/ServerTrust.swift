import NIOSSL

/// Whom a server must be vouched for by, where that is not one of the machine's authorities.
package enum ServerTrust: Hashable, Sendable {
    /// The authorities whose certificates are in a PEM file; also a certificate that vouches for itself.
    case authorities(file: String)
    /// The certificate in a PEM file itself, whatever name it is for: for a server on this machine, known by its file.
    case itself(file: String)

    /// What the TLS stack is told.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        switch self {
        case .authorities(let file):
            configuration.trustRoots = .file(file)
        case .itself(let file):
            configuration.trustRoots = .file(file)
            configuration.certificateVerification = .noHostnameVerification
        }
        return configuration
    }
}
