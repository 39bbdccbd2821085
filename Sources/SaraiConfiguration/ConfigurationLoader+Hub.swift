import FoundationEssentials
import SaraiCore

extension ConfigurationLoader {
    /// Where models come from, for a machine that has no configuration yet: variables of the environment and defaults.
    ///
    /// - Parameters:
    ///   - environment: the process's environment.
    ///   - paths: where things lie on this machine.
    /// - Returns: the section `hub`.
    /// - Throws: what is wrong with the variables.
    package static func hubWithoutFile(
        environment: [String: String] = ProcessInfo.processInfo.environment, paths: SaraiPaths = .current
    ) throws(ConfigurationError) -> HubConfiguration {
        let loader = ConfigurationLoader(
            file: SourceFile(path: "", text: ""), environment: environment, paths: paths, machineMemory: .zero,
            fileExists: isFile)
        let reader = SectionReader(
            section: ConfigurationSchema.hub, keyPath: ConfigurationSchema.hub.name,
            surroundings: loader.surroundings(VariableScope(environment: environment, dotEnv: [])), flags: [:])
        var findings = Findings()
        let hub = reader.read(nil, defaults: ConfigurationSchema.hub.defaults, into: &findings).draft
        guard findings.problems.isEmpty else {
            throw ConfigurationError(findings.problems)
        }
        return hub
    }
}
