import SaraiCore

extension ShippedPipelines {
    /// The pipelines, and what is wrong with them: nothing, as the tests make sure of.
    ///
    /// They depend on nothing, so they are read once. Those whose models a configuration does not have say so when they are asked.
    static let reading: (pipelines: [PipelineConfiguration], findings: Findings) = {
        var findings = Findings()
        let folders = Surroundings.Folders(configuration: "/", current: "/", home: "/", data: "/")
        let surroundings = Surroundings(
            machineMemory: .zero, folders: folders, fileExists: { _ in false },
            variables: VariableScope(environment: [:], dotEnv: []))
        var pipelines: [PipelineConfiguration] = []
        do throws(ConfigurationError) {
            for entry in PipelineReader.entries(of: try YAMLReader.read(file), into: &findings) {
                let reader = PipelineReader(entry.key, surroundings, configuration: nil)
                if let pipeline = reader.read(entry.value, into: &findings) {
                    pipelines.append(pipeline)
                }
            }
        } catch {
            findings.problems += error.problems
        }
        return (pipelines, findings)
    }()
}
