import Foundation

/// Finds the llama-server to run.
package enum EngineLocator {
    /// The path of llama-server: the configured one, else one below the data folder's `engine`, else the one on `PATH`.
    ///
    /// - Parameters:
    ///   - configured: the configuration's `engine.llama_server`.
    ///   - dataFolder: the folder that holds `engine/`.
    ///   - path: the value of `PATH`.
    /// - Returns: the path of an executable file.
    /// - Throws: ``EngineNotFound`` with what was looked at and what to do.
    package static func locate(
        configured: String?, dataFolder: String, path: String
    ) throws(EngineNotFound) -> String {
        let files = FileManager.default
        if let configured {
            guard files.isExecutableFile(atPath: configured) else {
                throw EngineNotFound(
                    message: "engine.llama_server: there is no executable at \(configured). "
                        + "Correct the path, or remove the key to let Sarai look for the engine.")
            }
            return configured
        }
        let candidates =
            below("\(dataFolder)/engine", depth: 3) + path.split(separator: ":").map { "\($0)/llama-server" }
        guard let found = candidates.first(where: files.isExecutableFile) else {
            throw EngineNotFound(
                message: "llama-server was found neither below \(dataFolder)/engine nor on PATH. "
                    + "Run 'sarai setup engine' to build it, or set engine.llama_server.")
        }
        return found
    }

    /// The files named `llama-server` at most `depth` folders below `folder`, newest name first.
    private static func below(_ folder: String, depth: Int) -> [String] {
        guard depth >= 0, let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            return []
        }
        return names.sorted(by: >).flatMap { name in
            let path = "\(folder)/\(name)"
            return name == "llama-server" ? [path] : below(path, depth: depth - 1)
        }.filter { path in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        }
    }
}

/// There is no engine to run local models with.
package struct EngineNotFound: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was looked at and what to do.
    package let message: String

    package var description: String { message }
}
