package import SaraiCore

/// Makes one validated configuration of a file, `.env` files, the environment and the command line.
///
/// A pure function of its properties: what it needs to know of the machine is handed in, so the same inputs give the
/// same answer everywhere. For each value the command line beats the environment, the environment `.env`, `.env` the
/// file, and the file the default.
package struct ConfigurationLoader: Sendable {
    /// The configuration file.
    package var file: SourceFile
    /// `.env` files; the first that sets a variable counts.
    package var dotEnv: [SourceFile]
    /// The process's environment.
    package var environment: [String: String]
    /// Values from the command line by key path: `server.listen`.
    package var flags: [String: String]
    /// Where things lie on this machine.
    package var paths: SaraiPaths
    /// The current folder: relative paths on the command line and in the environment start there.
    package var currentFolder: String
    /// The machine's memory.
    package var machineMemory: MemorySize
    /// Whether there is a file at an absolute path.
    package var fileExists: @Sendable (String) -> Bool
    /// The text of a small file at an absolute path, such as one that holds a key; `nil` if it cannot be read.
    package var readText: @Sendable (String) -> String?

    /// A loader.
    package init(
        file: SourceFile, dotEnv: [SourceFile] = [], environment: [String: String] = [:],
        flags: [String: String] = [:], paths: SaraiPaths, currentFolder: String = "/", machineMemory: MemorySize,
        fileExists: @escaping @Sendable (String) -> Bool,
        readText: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
        self.file = file
        self.dotEnv = dotEnv
        self.environment = environment
        self.flags = flags
        self.paths = paths
        self.currentFolder = currentFolder
        self.machineMemory = machineMemory
        self.fileExists = fileExists
        self.readText = readText
    }

    /// The configuration, with warnings and the origin of every value.
    ///
    /// - Throws: everything that is wrong, at once; only text that is not YAML hides what else there may be.
    package func load() throws(ConfigurationError) -> LoadedConfiguration {
        let dotEnv = dotEnv.map(DotEnv.init)
        let variables = VariableScope(environment: environment, dotEnv: dotEnv)
        var findings = Findings()
        findings.problems = dotEnv.flatMap(\.problems)
        let root: SourceValue
        do throws(ConfigurationError) {
            root = try YAMLReader.read(file)
        } catch {
            throw ConfigurationError(Findings.inOrder(findings.problems + error.problems))
        }
        let sections = sections(of: root, into: &findings)
        let models = models(in: sections["models"], variables, &findings)
        let memory = read(ConfigurationSchema.memory, defaults: defaultMemory, in: sections, variables, &findings)
        let server = read(ConfigurationSchema.server, in: sections, variables, &findings)
        let timeouts = read(ConfigurationSchema.timeouts, in: sections, variables, &findings)
        let failover = read(ConfigurationSchema.failover, in: sections, variables, &findings)
        let engine = read(ConfigurationSchema.engine, in: sections, variables, &findings)
        let log = read(ConfigurationSchema.log, in: sections, variables, &findings)
        let router = section(ConfigurationSchema.router, in: sections, variables, &findings)
        let search = read(ConfigurationSchema.search, in: sections, variables, &findings)
        let hub = read(ConfigurationSchema.hub, in: sections, variables, &findings)
        var configuration = Configuration(
            models: models, memory: memory, server: server, timeouts: timeouts, failover: failover, engine: engine,
            log: log, router: router.draft, search: search, hub: hub, pipelines: [])
        // A model that could not be read would seem not to be there.
        let isReadable = findings.problems.isEmpty
        if isReadable {
            checkRouter(router.origins, of: configuration, &findings)
        }
        configuration.pipelines = pipelines(
            in: sections["pipelines"], for: isReadable ? configuration : nil, variables, &findings)
        checkFlags(sections["models"], &findings)
        guard findings.problems.isEmpty else {
            throw ConfigurationError(Findings.inOrder(findings.problems))
        }
        warnOfStrayVariables(variables, models: models.map(\.name), &findings)
        return LoadedConfiguration(
            file: file.path, configuration: configuration, warnings: Findings.inOrder(findings.warnings),
            missingFiles: findings.missingFiles, origins: findings.origins)
    }

    private var defaultMemory: MemoryConfiguration {
        MemoryConfiguration(budget: MemorySize(bytes: machineMemory.bytes / 4 * 3))
    }

    func surroundings(_ variables: VariableScope) -> Surroundings {
        let folders = Surroundings.Folders(
            configuration: PathText.joined(currentFolder, file.folder), current: currentFolder, home: paths.home,
            data: paths.data)
        return Surroundings(
            machineMemory: machineMemory, folders: folders, fileExists: fileExists, readText: readText,
            variables: variables)
    }

    private func read<Draft>(
        _ section: Section<Draft>, defaults: Draft? = nil, in sections: [String: SourceValue],
        _ variables: VariableScope, _ findings: inout Findings
    ) -> Draft {
        self.section(section, defaults: defaults, in: sections, variables, &findings).draft
    }

    private func section<Draft>(
        _ section: Section<Draft>, defaults: Draft? = nil, in sections: [String: SourceValue],
        _ variables: VariableScope, _ findings: inout Findings
    ) -> SectionReader<Draft>.Result {
        let reader = SectionReader(
            section: section, keyPath: section.name, surroundings: surroundings(variables), flags: flags)
        let result = reader.read(sections[section.name], defaults: defaults ?? section.defaults, into: &findings)
        if let contradiction = section.contradiction(result.draft), result.failed.isEmpty,
            let key = contradiction.keys.first(where: { result.origins[$0] != nil }), let origin = result.origins[key]
        {
            findings.report(.conflict, at: origin, "\(section.name).\(key)", contradiction.message)
        }
        findings.origins += section.effectiveValues(of: result, at: section.name) { _ in true }
        return result
    }
}
