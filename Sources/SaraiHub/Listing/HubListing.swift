import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SaraiBackends
import SaraiCore

/// Asks the hub what a repository has.
struct HubListing: Sendable {
    /// Pages of a list that are read at most, and bytes of each.
    private static let limits = (pages: 20, bytes: 4 << 20)

    let client: RemoteFileClient
    let hub: HubAddress

    /// The GGUF files of a repository.
    ///
    /// - Throws: ``HubError``.
    func files(of repository: HubRepository) async throws -> [HubFile] {
        var files: [HubFile] = []
        var page: RemoteAddress? = try hub.list(of: repository)
        for _ in 0..<Self.limits.pages {
            guard let address = page else {
                break
            }
            let source = "hf.co/\(repository)"
            let answer = try await client.get(
                address, headers: ["Accept": "application/json", "Accept-Encoding": "identity"], source: source)
            guard answer.head.status == 200 else {
                throw hub.refusal(answer.head, of: source)
            }
            let body = try await RemoteFileClient.translatingErrors(source) {
                try await answer.body.collect(upTo: Self.limits.bytes)
            }
            guard let entries = try? JSONDecoder().decode([HubEntry].self, from: body) else {
                throw HubError(
                    .corrupt, "\(source): the answer of \(hub.endpoint) is no list of files; check hub.endpoint")
            }
            files += entries.compactMap(\.file)
            page = try answer.nextPage.map { try address.redirected(to: $0) }
            // The list goes on where it began: a page elsewhere would be a list of somebody else's.
            guard page?.hasSameOrigin(as: address) != false else {
                throw HubError(.corrupt, "\(source): the list goes on at another server; check hub.endpoint")
            }
        }
        return files
    }
}
