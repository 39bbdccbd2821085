import FoundationEssentials

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension SaraiPaths {
    /// The folders of this process's user.
    package static var current: SaraiPaths {
        SaraiPaths(
            environment: ProcessInfo.processInfo.environment,
            home: FileManager.default.homeDirectoryForCurrentUser.path,
            currentFolder: FileManager.default.currentDirectoryPath, userID: getuid())
    }

    /// The configuration file to use: `named`, else the one that `SARAI_CONFIG` names, else the first that exists.
    ///
    /// - Parameters:
    ///   - named: what the flag `--config` names.
    ///   - environment: the process's environment.
    ///   - fileExists: whether there is a file at a path.
    /// - Returns: the file's path; one that is named need not exist.
    /// - Throws: if none is named and none of ``configurationFiles`` exists; the message says where they were looked for.
    package func configurationFile(
        named: String?, environment: [String: String], fileExists: (String) -> Bool
    ) throws(ConfigurationError) -> String {
        if let named = named ?? environment["SARAI_CONFIG"], !named.isEmpty {
            return named.hasPrefix("~/") ? PathText.joined(home, String(named.dropFirst(2))) : named
        }
        if let file = configurationFiles.first(where: fileExists) {
            return file
        }
        throw ConfigurationError(
            .fileMissing, file: configurationFiles.joined(separator: ", "),
            "no configuration there. 'sarai init FOLDER' writes one; '--config FILE' or the variable SARAI_CONFIG names "
                + "another.")
    }
}
