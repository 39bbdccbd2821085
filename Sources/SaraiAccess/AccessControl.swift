package import SaraiConfiguration
import Synchronization

/// Decides who may ask: the keys of the file, as it is now, and those of the environment.
///
/// Looks at the file's stamp for each request, so that a key works, or works no more, from the next request on. Where
/// keys were asked for once they are asked for until the daemon ends: whoever removes the last key must not open the door
/// by that.
package final class AccessControl: Sendable {
    /// What a request's credentials are worth.
    package enum Verdict: Hashable, Sendable {
        /// Nobody needs a key: there is none, and only this machine can connect.
        case open
        /// The key of this name.
        case admitted(String)
        /// No key came along.
        case missing
        /// None of the keys that came along is one of ours.
        case wrong
        /// The file of keys cannot be read, so that nobody can be let in by it.
        case undecidable
    }

    private struct State {
        var stamp: FileStamp?
        var ring: Result<APIKeyRing, AccessError>
        var isRequired: Bool
    }

    private let file: APIKeyFile
    private let fixed: [(name: String, digest: APIKeyDigest)]
    private let onTrouble: @Sendable (AccessError) -> Void
    private let state: Mutex<State>

    /// Control over who may ask.
    ///
    /// - Parameters:
    ///   - file: the keys.
    ///   - keys: further keys, from the environment; they hold until the daemon ends.
    ///   - listen: where the daemon listens.
    ///   - onTrouble: told when the file, after it has changed, cannot be used.
    /// - Throws: ``AccessError`` if the file cannot be used, or if other machines can connect and there is no key.
    package init(
        file: APIKeyFile, keys: [Secret], listen: ListenAddress,
        onTrouble: @escaping @Sendable (AccessError) -> Void = { _ in }
    ) throws(AccessError) {
        self.file = file
        self.onTrouble = onTrouble
        fixed = keys.enumerated().map { (name: "\(Self.variable)[\($0)]", digest: APIKeyDigest(of: $1.value)) }
        // The stamp first: a change between the two is seen at the next look.
        let stamp = FileStamp(of: file.path)
        let ring = try file.read()
        let hasKeys = !keys.isEmpty || !ring.entries.isEmpty
        guard hasKeys || listen.isLoopback else {
            throw AccessError(
                .noKeys,
                "\(listen) can be reached from other machines, and there is no API key to keep them out. Make one with "
                    + "'sarai keys add NAME' (it goes to \(file.path)), or set \(Self.variable); or listen on a loopback "
                    + "address such as 127.0.0.1:\(ListenAddress.defaultPort).")
        }
        state = Mutex(State(stamp: stamp, ring: .success(ring), isRequired: hasKeys))
    }

    /// The variable that holds keys, and what its keys are called.
    package static let variable = "SARAI_API_KEYS"

    /// Judges a request by the keys that came with it. All of them are looked at, and all keys for each of them, so that
    /// the time it takes says nothing.
    package func judge(_ presented: [String]) -> Verdict {
        let (verdict, trouble) = state.withLock { state in
            let trouble = refresh(&state)
            return (judge(presented, by: state), trouble)
        }
        if let trouble {
            onTrouble(trouble)
        }
        return verdict
    }

    private func judge(_ presented: [String], by state: State) -> Verdict {
        guard state.isRequired else {
            return .open
        }
        let ring = (try? state.ring.get()) ?? APIKeyRing()
        let names = presented.compactMap { key in
            let digest = APIKeyDigest(of: key)
            let name = fixed.reduce(nil as String?) { $1.digest.matches(digest) ? $1.name : $0 }
            return ring.owner(of: digest) ?? name
        }
        if let name = names.first {
            return .admitted(name)
        }
        guard case .success = state.ring else {
            return .undecidable
        }
        return presented.isEmpty ? .missing : .wrong
    }

    /// Reads the file again if it has changed; returns what is wrong with it, once.
    private func refresh(_ state: inout State) -> AccessError? {
        let stamp = FileStamp(of: file.path)
        guard stamp != state.stamp else {
            return nil
        }
        state.stamp = stamp
        do throws(AccessError) {
            let ring = try file.read()
            state.ring = .success(ring)
            state.isRequired = state.isRequired || !ring.entries.isEmpty
            return nil
        } catch {
            // Somebody wanted keys; which, nobody knows.
            state.ring = .failure(error)
            state.isRequired = true
            return error
        }
    }
}
