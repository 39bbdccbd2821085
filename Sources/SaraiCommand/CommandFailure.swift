import ArgumentParser
import Foundation
import SaraiAccess
import SaraiBackends
import SaraiConfiguration
import SaraiHub

/// Why a command ends without success: the exit status, and what to print on stderr.
struct CommandFailure: Error {
    /// The exit statuses, as `sarai --help` documents them.
    enum Status: Int32 {
        case failed = 1
        /// Wrong arguments (`EX_USAGE`); most of these ArgumentParser finds by itself.
        case usage = 64
        /// No daemon answers, or it cannot serve this now (`EX_UNAVAILABLE`).
        case unavailable = 69
        /// The configuration is wrong (`EX_CONFIG`).
        case configuration = 78
    }

    /// The exit status.
    let status: Status
    /// What happened and what to do; `nil` when the command's output has said it already.
    let message: String?
    /// Whether nothing at all answers at the daemon's address.
    let isNobodyThere: Bool
    /// Whether a daemon answers that asks for a key, or for another one.
    let isLockedOut: Bool

    /// A failure.
    init(
        _ status: Status = .failed, _ message: String? = nil, isNobodyThere: Bool = false, isLockedOut: Bool = false
    ) {
        self.status = status
        self.message = message
        self.isNobodyThere = isNobodyThere
        self.isLockedOut = isLockedOut
    }

    /// The failure that an error of a request to a daemon stands for; the daemon's own message is kept as it is.
    init(_ error: BackendError, from address: DaemonAddress) {
        switch error.code {
        case .unreachable where address.trust != nil || "\(address)".hasPrefix("https:"):
            self.init(.unavailable, "no Sarai answers at \(address): \(error.message).", isNobodyThere: true)
        case .unreachable:
            self.init(
                .unavailable,
                "no Sarai answers at \(address). Start it with 'sarai serve', or name another with --host or SARAI_HOST.",
                isNobodyThere: true)
        case .overloaded: self.init(.unavailable, error.message)
        case .firstTokenTimeout: self.init(.unavailable, "what listens at \(address) does not answer.")
        case .serverError(401):
            self.init(
                .failed,
                "\(error.message). This command sends the key of \(ClientKey.variable), or else, on this machine, of "
                    + "\(ClientKey.file.path).",
                isLockedOut: true)
        case .brokenOff: self.init(.failed, "the connection to \(address) was lost: \(error.message).")
        default: self.init(.failed, error.message)
        }
    }

    /// The failure that an error of a hub, or of the files from it, stands for.
    init(_ error: HubError) {
        let status: Status =
            switch error.code {
            case .refused: .usage
            case .unavailable, .busy: .unavailable
            default: .failed
            }
        self.init(status, "\(error).")
    }

    /// Ends the process as an error demands.
    static func exit(because error: any Error) -> Never {
        switch error {
        case let failure as CommandFailure:
            if let message = failure.message {
                Console.note("Error: \(message)")
            }
            Foundation.exit(failure.status.rawValue)
        case let error as AccessError:
            Console.note("Error: \(error)")
            Foundation.exit(Status.configuration.rawValue)
        case let error as ConfigurationError:
            Console.note("\(error)")
            Foundation.exit(Status.configuration.rawValue)
        default:
            SaraiCommand.exit(withError: error)
        }
    }
}
