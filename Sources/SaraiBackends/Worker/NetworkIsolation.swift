#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Subprocess

/// How a worker is kept from the network: by a network namespace of its own, in which there is none.
///
/// Its unix socket is a file, which namespaces do not change. Models come from strangers, and so do the files that a model is
/// shown; what breaks out of a decoder shall not be able to tell anybody.
package enum NetworkIsolation: Hashable, Sendable {
    /// It is not.
    case none
    /// The daemon is root, which may make namespaces.
    case namespace
    /// Anybody may make a namespace within a user namespace, where the system allows those.
    case userNamespace

    /// What goes before the command. The program becomes what it starts, so the process id stays the same.
    var command: [String] {
        switch self {
        case .none: []
        case .namespace: ["unshare", "--net", "--"]
        case .userNamespace: ["unshare", "--user", "--map-current-user", "--net", "--"]
        }
    }

    /// Finds out what works here, by trying it with a program that does nothing: a system may forbid it in many ways.
    package static func probe() async -> NetworkIsolation {
        #if os(Linux)
            // Root would give up its rights to other users' files in a user namespace, and needs none.
            let candidate = geteuid() == 0 ? namespace : userNamespace
            let trial = candidate.command + ["true"]
            let result = try? await Subprocess.run(
                .name(trial[0]), arguments: Arguments(Array(trial.dropFirst())), output: .discarded, error: .discarded)
            return result?.terminationStatus == .exited(0) ? candidate : none
        #else
            return none
        #endif
    }
}
