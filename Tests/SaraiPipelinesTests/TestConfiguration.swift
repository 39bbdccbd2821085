import SaraiConfiguration
import SaraiCore

/// Configurations as files say them.
enum TestConfiguration {
    /// An expert on a server, and a small, an omni and an embedding model on this machine.
    static let four = """
        models:
          big: {role: expert, backend: ollama_http, servers: ["http://10.0.0.7:11434"]}
          quick: {role: small, backend: gguf_native, gguf: /none/quick.gguf}
          eyes: {role: omni, backend: gguf_native, gguf: /none/eyes.gguf, mmproj: /none/eyes-mmproj.gguf}
          vectors: {role: embedding, backend: gguf_native, gguf: /none/vectors.gguf}

        """

    /// Reads a file; the models' files need not exist.
    static func load(_ text: String) throws -> Configuration {
        let paths = SaraiPaths(environment: [:], home: "/home/u", currentFolder: "/", userID: 1000)
        return try ConfigurationLoader(
            file: SourceFile(path: "test.yaml", text: text), paths: paths, machineMemory: .gibibytes(16),
            fileExists: { _ in true }
        ).load().configuration
    }

    /// The pipeline of a name.
    static func pipeline(_ name: String, in configuration: Configuration) throws -> PipelineConfiguration {
        guard let pipeline = configuration.pipelines.first(where: { $0.name == name }) else {
            throw PoolError(.unknownModel, name)
        }
        return pipeline
    }
}
