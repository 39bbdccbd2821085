import Foundation
import SaraiBackends
import SaraiCore
import SaraiMemory

/// Brings one file: as it is on the server, under its final name, or not at all.
struct FileDownload: Sendable {
    /// How often a file that changes under way is begun again.
    private static let maximumRestarts = 2

    let item: PullItem
    let client: RemoteFileClient
    let hub: HubAddress
    let connections: Int
    /// Whether another file under the final name is replaced.
    let replaces: Bool
    let report: @Sendable (PullEvent) -> Void

    private var partial: String { item.path + PartialFile.suffix }

    /// Fetches what is missing, checks all of it and gives it its name.
    ///
    /// - Returns: the file's digest.
    /// - Throws: ``HubError``, ``SaraiBackends/BackendError`` or `CancellationError`. What has arrived stays, unless it is wrong.
    func run() async throws -> FileDigest {
        if let digest = try await presentDigest() {
            return digest
        }
        let folder = URL(filePath: item.path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw HubError(.disk, "\(folder): cannot be made: \(error.localizedDescription)")
        }
        return try await PartialFile.with(partial) { file in
            let remote = try await transfer(to: file)
            let digest = try await verify(file, against: remote)
            try await file.synchronize()
            try file.rename(to: item.path)
            DownloadJournal.remove(of: partial)
            tell(.finished)
            return digest
        }
    }

    func tell(_ step: PullEvent.Step) {
        report(PullEvent(item: item, step: step))
    }

    // MARK: Fetching

    private func transfer(to file: PartialFile) async throws -> RemoteFile {
        var restarts = 0
        while true {
            let remote = try await lookUp()
            let known = DownloadJournal.read(of: partial)
            let kept = known?.pieces(of: remote)
            if let known, known.completed > 0, kept == nil {
                tell(.startingOver("what was there does not belong to the file that the server has now"))
            }
            let pieceSize =
                remote.sendsParts
                ? PieceLedger.pieceSize(for: remote.size, connections: connections) : remote.size
            guard let pieces = kept ?? PieceLedger(size: remote.size, pieceSize: pieceSize) else {
                throw HubError(.corrupt, "\(item.source): the file is empty")
            }
            try DiskSpace.check(
                remote.size - pieces.completed, free: DiskSpace.free(at: partial),
                in: URL(filePath: partial).deletingLastPathComponent().path)
            if kept == nil {
                DownloadJournal.remove(of: partial)
                try file.setSize(0)
            }
            try file.setSize(remote.size)
            tell(.started(at: pieces.completed, total: remote.size))
            let transfer = Transfer(of: remote, having: pieces, to: file, client: client, hub: hub, report: tell)
            do {
                try await transfer.run(connections: connections)
                return remote
            } catch is Transfer.FileChanged {
                restarts += 1
                guard restarts <= Self.maximumRestarts else {
                    throw HubError(
                        .unavailable, "\(item.source): the file changed on the server again and again; try again later")
                }
                tell(.startingOver("the file changed on the server"))
            }
        }
    }

    /// Asks what the server has, and asks again when that fails for a time.
    func lookUp() async throws -> RemoteFile {
        var schedule = RetrySchedule()
        while true {
            do {
                return try await RemoteFile(
                    at: item.address, expected: (item.size, item.digest), client: client, hub: hub)
            } catch let error as BackendError {
                guard let delay = schedule.delay(after: error, received: 0, random: .random(in: 0..<1)) else {
                    throw error
                }
                tell(.retrying(error.message, after: delay))
                try await Task.sleep(for: delay)
            }
        }
    }

    // MARK: Checking

    /// Holds the file against what it should be. One that is not, is removed: there is nothing in it to go on from.
    private func verify(_ file: PartialFile, against remote: RemoteFile) async throws -> FileDigest {
        let digest = try await FileHash.digest(size: remote.size, read: { try file.read($0, at: $1) }) {
            tell(.verifying(completed: $0, total: remote.size))
        }
        let magic = try file.read(4, at: 0)
        guard let digest, remote.digest == nil || digest == remote.digest else {
            discard(file)
            throw HubError(
                .corrupt,
                """
                \(item.source): what arrived has \(digest.map { "\($0)" } ?? "too few bytes") and should have \
                \(remote.digest.map { "\($0)" } ?? "\(remote.size) bytes"). It was removed; try again, and if it happens \
                again, do not trust the server or the network between
                """)
        }
        guard magic == Array("GGUF".utf8) else {
            discard(file)
            throw HubError(
                .corrupt, "\(item.source): is not a GGUF file. It was removed; is it the address of the file itself?")
        }
        return digest
    }

    private func discard(_ file: PartialFile) {
        file.remove()
        DownloadJournal.remove(of: partial)
    }
}
