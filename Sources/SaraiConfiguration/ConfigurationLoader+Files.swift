import FoundationEssentials
package import SaraiCore

extension ConfigurationLoader {
    /// A loader for this process: reads the configuration file and the `.env` files beside it and in the current folder.
    ///
    /// - Parameters:
    ///   - path: what the flag `--config` names; `nil` looks in the usual places.
    ///   - flags: values from the command line by key path, such as `["server.listen": "127.0.0.1:0"]`.
    ///   - machineMemory: the memory that counts as the machine's; `nil` asks the operating system, which does not
    ///     know of a container's limit.
    ///   - environment: the process's environment.
    ///   - paths: where things lie on this machine.
    /// - Returns: a loader that has all it needs; ``load()`` reads nothing more.
    /// - Throws: if a file is missing, too large or not text.
    package static func forProcess(
        path: String?, flags: [String: String] = [:], machineMemory: MemorySize? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment, paths: SaraiPaths = .current
    ) throws(ConfigurationError) -> ConfigurationLoader {
        let path = try paths.configurationFile(named: path, environment: environment, fileExists: isFile)
        let current = FileManager.default.currentDirectoryPath
        let file = try read(path)
        let beside = PathText.joined(file.folder, ".env")
        let folders = [PathText.joined(current, file.folder), PathText.joined(current, ".")]
        var dotEnv: [SourceFile] = []
        if isFile(beside) {
            dotEnv.append(try read(beside))
        }
        if folders[0] != folders[1], isFile(".env") {
            dotEnv.append(try read(".env"))
        }
        let physical = MemorySize(bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory))
        return ConfigurationLoader(
            file: file, dotEnv: dotEnv, environment: environment, flags: flags, paths: paths, currentFolder: current,
            machineMemory: machineMemory ?? physical, fileExists: isFile, readText: readText)
    }

    /// The text of a file that is no larger than a configuration; `nil` if it cannot be read.
    private static let readText: @Sendable (String) -> String? = { path in
        (try? read(path))?.text
    }

    /// Whether there is a file, not a folder, at `path`.
    package static let isFile: @Sendable (String) -> Bool = { path in
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder
    }

    private static func read(_ path: String) throws(ConfigurationError) -> SourceFile {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ConfigurationError(.fileMissing, file: path, "there is no such file.")
        }
        guard !isFolder else {
            throw ConfigurationError(.fileUnreadable, file: path, "this is a folder, not a file.")
        }
        // A regular file is judged by its size before it is read; a pipe has none until it is read.
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        guard size <= SourceFile.maximumSize else {
            throw ConfigurationError(
                .fileTooLarge, file: path, "the file has \(size) bytes; a configuration has at most 1 MiB.")
        }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw ConfigurationError(.fileUnreadable, file: path, "the file cannot be read. Check its permissions.")
        }
        return try SourceFile(path: path, bytes: bytes)
    }
}

extension Configuration {
    /// Loads a configuration file, with the `.env` files and the environment of this process.
    ///
    /// - Parameter path: the file; `nil` looks in the usual places.
    /// - Returns: the validated configuration.
    /// - Throws: everything that is wrong with it, at once.
    public static func load(path: String? = nil) throws(ConfigurationError) -> Configuration {
        try ConfigurationLoader.forProcess(path: path).load().configuration
    }
}
