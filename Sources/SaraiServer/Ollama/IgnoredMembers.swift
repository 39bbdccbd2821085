import Logging

/// Members and options of a request that are ignored, as Ollama ignores what it does not know.
struct IgnoredMembers: Hashable {
    /// Their names, as the client chose them.
    let names: [String]

    /// The most that one request may have of a log.
    private static let maximumCount = 8
    private static let maximumLength = 64

    /// The names as the log has them.
    var summary: String {
        let shown = names.prefix(Self.maximumCount).map { String($0.prefix(Self.maximumLength)) }
        let more = names.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Tells whoever reads the log; the client is not told, as with Ollama.
    func log(_ logger: Logger) {
        guard !names.isEmpty else {
            return
        }
        logger.warning("options ignored", metadata: ["options": "\(summary)"])
    }
}
