import Foundation

/// What a llama-server says of itself on standard output while it loads.
///
/// The lines are an internal interface between llama-server and its router mode: they may change with any build. So
/// they only ever make things better (progress, an earlier "ready"); readiness itself is decided by `/health`.
enum LlamaServerStatus: Equatable {
    /// Loading; the share of the current stage that is done, 0…1.
    case loading(stage: String, progress: Double)
    /// Loaded.
    case ready

    private static let prefix = "cmd_child_to_router:state:"

    /// Reads a line.
    ///
    /// - Returns: `nil` for any line that is not such a status.
    init?(line: some StringProtocol) {
        guard line.hasPrefix(Self.prefix),
            let message = try? JSONDecoder().decode(Message.self, from: Data(line.dropFirst(Self.prefix.count).utf8))
        else {
            return nil
        }
        switch message.state {
        case "loading":
            let payload = message.payload
            let stages = payload?.stages ?? []
            let done = payload?.current.flatMap { stages.firstIndex(of: $0) } ?? 0
            let share = (Double(done) + (payload?.value ?? 0)) / Double(max(stages.count, 1))
            self = .loading(stage: payload?.current ?? "model", progress: min(max(share, 0), 1))
        case "ready": self = .ready
        default: return nil
        }
    }

    private struct Message: Decodable {
        let state: String
        let payload: Payload?

        struct Payload: Decodable {
            let stages: [String]?
            let current: String?
            let value: Double?
        }
    }
}
