import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SaraiBackends
import SaraiCore
import Synchronization

/// Fetches the missing parts of one file over several connections.
final class Transfer: Sendable {
    /// The file is not the one any more that it was, or the server sends no parts of it any more.
    struct FileChanged: Error {}

    private struct State {
        var pieces: PieceLedger
        /// Where the file is; a redirect that has run out is followed again.
        var location: RemoteAddress
    }

    private let client: RemoteFileClient
    private let hub: HubAddress
    private let remote: RemoteFile
    private let file: PartialFile
    private let state: Mutex<State>
    private let report: @Sendable (PullEvent.Step) -> Void
    /// How often progress is told, and how many times that the journal is written.
    private static let pace = (report: Duration.milliseconds(250), saves: 4)

    /// A transfer.
    ///
    /// - Parameters:
    ///   - remote: the file, as the server has it.
    ///   - pieces: what is there of it.
    ///   - file: takes what comes; has its final size already.
    ///   - client: asks the server.
    ///   - hub: explains refusals.
    ///   - report: told how it goes.
    init(
        of remote: RemoteFile, having pieces: PieceLedger, to file: PartialFile, client: RemoteFileClient,
        hub: HubAddress, report: @escaping @Sendable (PullEvent.Step) -> Void
    ) {
        (self.client, self.hub, self.remote, self.file, self.report) = (client, hub, remote, file, report)
        state = Mutex(State(pieces: pieces, location: remote.location))
    }

    /// Fetches until all is there. However it ends, the journal then says what is.
    ///
    /// - Parameter connections: how many requests at the same time, at most.
    /// - Throws: ``FileChanged``, ``HubError``, ``SaraiBackends/BackendError`` or `CancellationError`.
    func run(connections: Int) async throws {
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask { [self] in
                    try await keepRecord()
                    return false
                }
                var working = remote.sendsParts ? connections : 1
                for _ in 0..<working {
                    group.addTask { [self] in
                        try await work()
                        return true
                    }
                }
                while working > 0, let isWorker = try await group.next() {
                    working -= isWorker ? 1 : 0
                }
                group.cancelAll()
            }
        } catch {
            // Awaited here; a task of its own because one that is cancelled writes nothing any more. What made the transfer
            // end is what matters: the journal of a second ago would do, too.
            await Task { try? await save() }.value
            throw error
        }
        try await save()
    }

    // MARK: Keeping the record

    /// Tells how it goes, and writes the journal, until it is cancelled.
    private func keepRecord() async throws {
        var ticks = 0
        while true {
            let completed = state.withLock { $0.pieces.completed }
            report(.receiving(completed: completed, total: remote.size))
            try await Task.sleep(for: Self.pace.report)
            ticks += 1
            if ticks % Self.pace.saves == 0 {
                try await save()
            }
        }
    }

    /// Writes down what is on the disk: first the bytes, then the journal that counts them.
    private func save() async throws {
        let pieces = state.withLock { $0.pieces }
        try await file.synchronize()
        do {
            try DownloadJournal(remote, pieces).write(of: file.path)
        } catch {
            throw HubError(.disk, "\(DownloadJournal.path(of: file.path)): cannot be written: \(error)")
        }
    }

    // MARK: Fetching

    /// Fetches one piece after the other until none is left.
    private func work() async throws {
        var schedule = RetrySchedule()
        while let claim = state.withLock({ $0.pieces.claim() }) {
            let before = state.withLock { $0.pieces.done[claim.piece] }
            do {
                try await fetch(claim)
                state.withLock { $0.pieces.release(claim.piece) }
            } catch let error as BackendError {
                let received = state.withLock { state in
                    defer { state.pieces.release(claim.piece) }
                    return state.pieces.done[claim.piece] - before
                }
                let random = Double.random(in: 0..<1)
                let progress = remote.sendsParts ? received : 0
                guard let delay = schedule.delay(after: error, received: progress, random: random) else {
                    throw error
                }
                report(.retrying(error.message, after: delay))
                try await Task.sleep(for: delay)
                if !remote.sendsParts {
                    state.withLock { $0.pieces.startOver() }
                }
            }
        }
    }

    private func fetch(_ claim: PieceLedger.Claim) async throws {
        let location = state.withLock { $0.location }
        let source = "\(remote.address)"
        let headers =
            remote.sendsParts
            ? RemoteFile.headers(for: claim.range, validator: remote.validator) : ["Accept-Encoding": "identity"]
        let answer = try await client.get(location, headers: headers, source: source)
        try check(answer.head, for: claim, from: location)
        state.withLock { $0.location = answer.location }
        var offset = claim.range.lowerBound
        try await RemoteFileClient.translatingErrors(source) {
            for try await buffer in answer.body {
                let count = buffer.readableBytes
                guard count <= claim.range.upperBound - offset else {
                    throw BackendError(.malformedAnswer, "\(source): the server sends more than was asked for")
                }
                try buffer.withUnsafeReadableBytes { try self.file.write($0, at: offset) }
                offset += count
                self.state.withLock { $0.pieces.add(count, to: claim.piece) }
            }
        }
        guard offset == claim.range.upperBound else {
            throw BackendError(
                .brokenOff, "\(source): the answer ended \(claim.range.upperBound - offset) bytes before its end")
        }
    }

    /// Whether what follows is the part of the file that was asked for.
    private func check(
        _ head: RemoteAnswerHead, for claim: PieceLedger.Claim, from location: RemoteAddress
    ) throws {
        switch head.status {
        case 206 where remote.sendsParts:
            guard let sent = head.contentRange, sent.range == claim.range, sent.total ?? remote.size == remote.size
            else {
                throw FileChanged()
            }
        case 200 where !remote.sendsParts:
            guard head.contentLength ?? remote.size == remote.size else {
                throw FileChanged()
            }
        case 200, 206, 412, 416: throw FileChanged()
        case 401, 403, 404, 410:
            guard location == remote.address else {
                // The signature of a redirect holds for a time only.
                state.withLock { $0.location = remote.address }
                throw BackendError(
                    .brokenOff, "\(remote.address): \(location) lets nobody in any more (status \(head.status))")
            }
            throw hub.refusal(head, of: "\(remote.address)")
        default: throw hub.refusal(head, of: "\(remote.address)")
        }
    }
}
