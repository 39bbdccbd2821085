package import SaraiCore

/// The files that belong to one worker.
package struct WorkerFiles: Hashable, Sendable {
    /// Unique among the workers of one daemon, without slashes: `0-solar`.
    package let name: String
    /// The unix socket it listens on.
    package let socket: String
    /// Holds its process id, for the next daemon to find what a killed one left behind.
    package let pid: String
    /// Its log.
    package let log: String
}

extension WorkerFiles {
    /// Names the files of a model's worker.
    ///
    /// A model's name may hold `/` and `:`, so it is spelled with safe characters; the index keeps two names apart that
    /// come out the same.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - index: the model's place in the configuration.
    ///   - runtime: the daemon's own directory for sockets.
    ///   - logs: the directory for logs.
    package init(model: ModelName, index: Int, runtime: String, logs: String) {
        let safe = String(model.rawValue.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
        name = "\(index)-\(safe.prefix(24))"
        socket = "\(runtime)/\(name).sock"
        pid = "\(runtime)/\(name).pid"
        log = "\(logs)/\(name).log"
    }
}
