import NIOCore
import NIOSSL
package import SaraiAccess
package import SaraiConfiguration
import Synchronization

/// The certificate with which the server speaks HTTPS, as its files have it now.
///
/// Whoever renews a certificate replaces two files, one after the other: a pair that does not fit is not used, and the old
/// one holds until both are there.
package final class ServerCertificate: Sendable {
    private struct State {
        var stamps: [FileStamp?]
        var context: NIOSSLContext
    }

    private let files: TLSFiles
    private let onTrouble: @Sendable (AccessError) -> Void
    private let state: Mutex<State>

    /// Reads a certificate.
    ///
    /// - Parameters:
    ///   - files: the certificate's and its key's.
    ///   - onTrouble: told when the files, after they have changed, cannot be used.
    /// - Throws: ``SaraiAccess/AccessError``, which names the configuration's key and the file.
    package init(
        _ files: TLSFiles, onTrouble: @escaping @Sendable (AccessError) -> Void = { _ in }
    ) throws(AccessError) {
        self.files = files
        self.onTrouble = onTrouble
        let stamps = Self.stamps(of: files)
        state = Mutex(State(stamps: stamps, context: try Self.context(of: files)))
    }

    /// What a new connection is encrypted with. Looks at the files, and reads them if they have changed.
    func current() -> NIOSSLContext {
        let (context, trouble) = state.withLock { state in
            let stamps = Self.stamps(of: files)
            guard stamps != state.stamps else {
                return (state.context, nil as AccessError?)
            }
            state.stamps = stamps
            do throws(AccessError) {
                state.context = try Self.context(of: files)
                return (state.context, nil)
            } catch {
                return (state.context, error)
            }
        }
        if let trouble {
            onTrouble(trouble)
        }
        return context
    }

    private static func stamps(of files: TLSFiles) -> [FileStamp?] {
        [FileStamp(of: files.certificate), FileStamp(of: files.key)]
    }

    private static func context(of files: TLSFiles) throws(AccessError) -> NIOSSLContext {
        let chain = try certificates(in: files.certificate)
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw AccessError(
                .certificate,
                "server.tls.key: \(files.key) holds no private key in PEM without a password, or cannot be read.")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Many clients go without saying so.
        configuration.shutdownTimeout = .milliseconds(500)
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw AccessError(
                .certificate,
                "server.tls: the key in \(files.key) does not belong to the first certificate in \(files.certificate).")
        }
    }

    private static func certificates(in path: String) throws(AccessError) -> [NIOSSLCertificate] {
        guard let chain = try? NIOSSLCertificate.fromPEMFile(path), !chain.isEmpty else {
            throw AccessError(
                .certificate, "server.tls.certificate: \(path) holds no certificate in PEM, or cannot be read.")
        }
        return chain
    }
}
