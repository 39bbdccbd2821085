import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// Where the configured hub has what.
struct HubAddress: Sendable {
    /// The hub's base URL.
    let endpoint: RemoteAddress
    /// Sent to it; `nil` if there is none.
    let credential: RemoteFileClient.Credential?

    /// The hub of a configuration; reads the token's file.
    ///
    /// - Throws: ``HubError`` when the file cannot be read or holds no token.
    init(_ configuration: HubConfiguration) throws(HubError) {
        do throws(BackendError) {
            endpoint = try RemoteAddress(configuration.endpoint)
        } catch {
            throw HubError(error)
        }
        let token = try Self.token(of: configuration)
        credential = token.map { [endpoint] in .init($0, for: endpoint) }
    }

    private static func token(of configuration: HubConfiguration) throws(HubError) -> String? {
        if let token = configuration.token?.value, !token.isEmpty {
            return token
        }
        guard let path = configuration.tokenFile else {
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4096 else {
            throw HubError(.refused, "hub.token_file: \(path) cannot be read, or is no file with a token")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw HubError(.refused, "hub.token_file: \(path) does not hold a token, which is one word of ASCII")
        }
        return text
    }

    /// The list of a repository's files.
    func list(of repository: HubRepository) throws(BackendError) -> RemoteAddress {
        try endpoint.appending(
            "/api/models/\(repository)/tree/main", query: [URLQueryItem(name: "recursive", value: "true")])
    }

    /// A file of a repository.
    func file(_ path: String, of repository: HubRepository) throws(BackendError) -> RemoteAddress {
        try endpoint.appending("/\(repository)/resolve/main/\(path)")
    }

    /// The address that a plain URL means.
    ///
    /// - Throws: ``HubError`` unless it is encrypted, or on the very server that the configuration trusts without.
    func address(of url: String) throws(HubError) -> RemoteAddress {
        do throws(BackendError) {
            let address = try RemoteAddress(url)
            guard url.lowercased().hasPrefix("https://") || address.hasSameOrigin(as: endpoint) else {
                throw BackendError(
                    .unsupported, "\(address) is not encrypted: use https://, or make its server the hub.endpoint")
            }
            return address
        } catch {
            throw HubError(error)
        }
    }

    /// What to do where a permission is missing.
    var advice: String {
        credential == nil
            ? "put a token of yours into HF_TOKEN or hub.token_file, and accept the model's conditions on its page"
            : "accept the model's conditions on its page with the account that the token belongs to"
    }

    /// The error that a status other than success stands for.
    func refusal(_ head: RemoteAnswerHead, of source: String) -> BackendError {
        head.refusal(of: source, advice: advice)
    }
}
