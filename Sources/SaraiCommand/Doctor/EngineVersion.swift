import Foundation

/// Asks an engine for its version, which also shows that it runs on this machine.
enum EngineVersion {
    /// Why there is no version, for a person.
    struct Unknown: Error {
        let reason: String
    }

    /// What `llama-server --version` says: `0.6.0 (build 11434, commit …)`.
    ///
    /// - Parameters:
    ///   - engine: path of the program.
    ///   - patience: how long it may take.
    /// - Returns: the version, or why there is none.
    static func read(_ engine: String, patience: Duration = .seconds(10)) async -> Result<String, Unknown> {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(filePath: engine)
        process.arguments = ["--version"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        do {
            try process.run()
        } catch {
            return .failure(Unknown(reason: "it cannot be started: \(error.localizedDescription)"))
        }
        let deadline = ContinuousClock.now + patience
        while process.isRunning {
            guard ContinuousClock.now < deadline, !Task.isCancelled else {
                process.terminate()
                return .failure(Unknown(reason: "it did not tell its version within \(patience.text)"))
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        // The program has ended, so all that it wrote is in the pipe.
        let output = (try? pipe.fileHandleForReading.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let words = output.split(separator: "\n").last.map { ": \($0)" } ?? ""
            return .failure(Unknown(reason: "it ended with status \(process.terminationStatus)\(words)"))
        }
        let line = output.split(separator: "\n").first { $0.hasPrefix("version: ") }
        return .success(line.map { String($0.dropFirst("version: ".count)) } ?? "unknown")
    }
}
