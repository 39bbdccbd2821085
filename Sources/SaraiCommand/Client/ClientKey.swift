import Foundation
import SaraiAccess
import SaraiConfiguration

/// The API key that this command line sends.
enum ClientKey {
    /// Holds a key for whichever daemon is named.
    static let variable = "SARAI_API_KEY"

    /// The key for a daemon: that of the variable, else for a daemon of this machine that of the file. A key that was saved
    /// for this machine goes to no other.
    ///
    /// - Throws: ``CommandFailure`` if the file is not fit to hold a key.
    static func find(for address: DaemonAddress) throws -> String? {
        if let key = ProcessInfo.processInfo.environment[variable], !key.isEmpty {
            return key
        }
        guard address.isLocal else {
            return nil
        }
        do throws(AccessError) {
            return try file.read()
        } catch {
            throw CommandFailure(.failed, error.message)
        }
    }

    /// Where `sarai keys add --save` puts it.
    static var file: ClientKeyFile { ClientKeyFile(path: SaraiPaths.current.clientKey) }
}
