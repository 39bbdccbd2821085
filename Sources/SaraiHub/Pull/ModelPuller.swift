import Foundation
package import SaraiBackends
package import SaraiConfiguration
package import SaraiCore
import SaraiMemory
import SystemPackage

/// Brings models from where they are kept.
package struct ModelPuller: Sendable {
    private let hub: HubAddress
    private let client: RemoteFileClient
    private let connections: Int

    /// Runs `body` with a puller.
    ///
    /// - Parameters:
    ///   - configuration: the hub.
    ///   - body: uses the puller; it must not keep it.
    /// - Returns: what `body` returns.
    /// - Throws: ``HubError`` when the hub's token cannot be read, and what `body` throws.
    package static func with<Result>(
        _ configuration: HubConfiguration, _ body: (ModelPuller) async throws -> Result
    ) async throws -> Result {
        let hub = try HubAddress(configuration)
        return try await RemoteFileClient.withClient(
            credential: hub.credential, isStrict: true, connections: configuration.connections + 1
        ) { client in
            try await body(ModelPuller(hub: hub, client: client, connections: configuration.connections))
        }
    }

    /// Finds out what a pull would bring; fetches nothing of it.
    ///
    /// - Parameters:
    ///   - source: what is asked for.
    ///   - destination: where it will go.
    /// - Returns: the files, and why these.
    /// - Throws: ``HubError``, or `CancellationError`.
    package func order(_ source: ModelSource, to destination: PullDestination) async throws -> PullOrder {
        let planner = PullPlanner(hub: hub, destination: destination)
        switch source.place {
        case .url(let url): return try planner.order(source, url: url)
        case .hub(let repository, let wanted):
            let files = try await Self.translatingErrors {
                try await HubListing(client: client, hub: hub).files(of: repository)
            }
            var projectorName: String?
            if case .paths(_, let mmproj?) = destination {
                projectorName = URL(filePath: mmproj).lastPathComponent
            }
            let choice = try HubChoice(wanted, among: files, of: repository, projectorName: projectorName)
            if case .paths(_, .some) = destination, choice.projector == nil {
                throw HubError(
                    .notFound,
                    "hf.co/\(repository) has no projector, and the configuration names one: remove 'mmproj', or correct "
                        + "'source'")
            }
            return try planner.order(source, choice, of: repository)
        }
    }

    /// Fetches what is missing of an order.
    ///
    /// - Parameters:
    ///   - order: what to bring.
    ///   - replaces: whether other files under these names are replaced.
    ///   - report: told how it goes.
    /// - Returns: the files, with their digests.
    /// - Throws: ``HubError``, or `CancellationError`. What has arrived is kept, unless it is wrong.
    package func fetch(
        _ order: PullOrder, replaces: Bool = false, report: @escaping @Sendable (PullEvent) -> Void
    ) async throws -> [PulledFile] {
        try checkSpace(for: order)
        var pulled: [PulledFile] = []
        for item in order.items {
            let download = FileDownload(
                item: item, client: client, hub: hub, connections: connections, replaces: replaces, report: report)
            let digest = try await Self.translatingErrors { try await download.run() }
            pulled.append(PulledFile(item: item, digest: digest))
        }
        do throws(GGUFError) {
            for item in [order.model] + (order.projector.map { [$0] } ?? []) {
                _ = try GGUFHeader.read(FilePath(item.path))
            }
        } catch {
            throw HubError(
                .corrupt, "\(error.message). It is as \(order.source) has it; a file of another source may be better")
        }
        return pulled
    }

    /// Reads the header of a file that is not fetched, of all its parts.
    ///
    /// - Throws: ``HubError``, `GGUFError` or `CancellationError`.
    package func header(of item: PullItem) async throws -> RemoteHeader {
        do {
            return try await RemoteHeaderReader.read(item.address, with: client)
        } catch let error as BackendError {
            let error = HubError(error)
            throw error.code == .forbidden
                ? HubError(.forbidden, "\(item.source): the server lets nobody in without permission; \(hub.advice)")
                : error
        }
    }

    /// All files must fit, not just each by itself.
    private func checkSpace(for order: PullOrder) throws(HubError) {
        let missing = order.items.reduce(0) { sum, item in
            guard let size = item.size, !FileManager.default.fileExists(atPath: item.path) else {
                return sum
            }
            let journal = DownloadJournal.read(of: item.path + PartialFile.suffix)
            return sum + max(0, size - (journal?.completed ?? 0))
        }
        // The folder itself may still have to be made.
        var folder = URL(filePath: order.model.path).deletingLastPathComponent()
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        try DiskSpace.check(missing, free: DiskSpace.free(at: folder.path), in: folder.path)
    }

    private static func translatingErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as BackendError {
            throw HubError(error)
        }
    }
}

/// A file that has been brought, or was there.
package struct PulledFile: Hashable, Sendable {
    /// What it is and where.
    package let item: PullItem
    /// What its bytes are, computed.
    package let digest: FileDigest
}
