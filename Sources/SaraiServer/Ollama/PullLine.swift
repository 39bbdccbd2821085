import NIOCore
import SaraiConfiguration
import SaraiCore
import SaraiHub
import SaraiMemory
import SystemPackage

/// A line of `POST /api/pull`.
struct PullLine: Encodable, Sendable {
    private var status: String?
    private var digest: String?
    private var total: Int?
    private var completed: Int?
    private var error: String?

    /// What is being done.
    static func status(_ text: String) -> PullLine {
        PullLine(status: text)
    }

    /// What happened, or why nothing more will come.
    init(_ line: PullWatch.Line) {
        switch line {
        case .success(let line): self = line
        case .failure(let error): self.error = error.message
        }
    }

    private init(status: String) {
        self.status = status
    }

    /// What happened to a file. Clients tell files apart by their digest, which not every server tells.
    init(_ event: PullEvent) {
        let name = event.item.digest.map { String($0.hex.prefix(12)) } ?? event.item.name
        switch event.step {
        case .present: status = "\(event.item.name) is there already"
        case .started(let count, let all), .receiving(let count, let all):
            status = "pulling \(name)"
            digest = event.item.digest.map { "\($0)" } ?? event.item.name
            (completed, total) = (count, all)
        case .retrying(let reason, _): status = "retrying: \(reason)"
        case .startingOver(let reason): status = "beginning anew: \(reason)"
        case .verifying: status = "verifying sha256 digest"
        case .finished: status = "\(event.item.name) is complete"
        }
    }

    /// The line with its end.
    var buffer: ByteBuffer {
        var buffer = JSONBody.buffer(self)
        buffer.writeStaticString("\n")
        return buffer
    }
}

/// One fetch for a client.
struct PullRun: Sendable {
    let order: PullOrder
    let hub: HubConfiguration
    /// The data folder, in which relative paths of the configuration end up.
    let data: String
    /// Whether the configuration has the model already.
    let isConfigured: Bool

    /// Fetches everything.
    ///
    /// - Parameter report: told how it goes.
    /// - Throws: ``PoolError``, or `CancellationError`.
    func run(_ report: @escaping @Sendable (PullLine) -> Void) async throws {
        report(.status("pulling manifest"))
        do {
            try await ModelPuller.with(hub) { puller in
                _ = try await puller.fetch(order) { report(PullLine($0)) }
            }
        } catch let error as HubError {
            throw PoolError(error)
        }
        if !isConfigured {
            let header = try? GGUFHeader.read(FilePath(order.model.path))
            let suggestion = SuggestedConfiguration(order, header: header, data: data)
            report(
                .status(
                    "to use it as '\(suggestion.name)', add to the configuration and run 'sarai reload':\n"
                        + suggestion.yaml))
        }
    }
}

extension PoolError {
    /// The error that one of a hub stands for.
    init(_ error: HubError) {
        let code: Code =
            switch error.code {
            case .notFound: .unknownModel
            case .refused, .forbidden: .invalidRequest
            case .busy: .busy
            case .disk: .unavailable
            default: .badGateway
            }
        self.init(code, error.description)
    }
}
