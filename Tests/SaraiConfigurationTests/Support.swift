import SaraiCore

@testable import SaraiConfiguration

/// The configuration of the reference page and more: every section and both kinds of targets.
let fullYAML = """
    models:
      solar:
        role: expert
        backend: ollama_http            # preferred target
        model: solar:10.7b
        servers: ["${OLLAMA_BASE_URL}"] # one or several
        fallback: gguf_native           # its twin
        gguf: models/solar-10.7b-instruct-v1.0.Q4_K_M.gguf
        same_model: true                # allows resume
        context_length: 2048
      lfm2:
        role: small
        backend: gguf_native
        gguf: models/LFM2-1.2B-Q4_K_M.gguf
      omni:
        role: omni
        backend: gguf_native
        gguf: models/Qwen2.5-Omni-7B-Q4_K_M.gguf
        mmproj: models/mmproj-Qwen2.5-Omni-7B-Q8_0.gguf
      embedding:
        role: embedding
        backend: gguf_native
        gguf: models/embeddinggemma-300m-Q8_0.gguf
        resident: true
    memory:
      max_ram_gb: 12
      max_concurrent_llms: 3
      strategy: hybrid_http_gguf

    """

/// One local model, and room for more keys of it.
let localModel = "models:\n  m:\n    backend: gguf_native\n    gguf: /m.gguf\n"

/// One remote model, and room for more keys of it.
let remoteModel = "models:\n  m:\n    backend: ollama_http\n    servers: http://h:1\n"

/// A loader for `yaml` as `/etc/sarai/sarai.yaml` on a machine of 16 GiB where every file exists.
func loader(
    _ yaml: String, dotEnv: String? = nil, environment: [String: String] = [:], flags: [String: String] = [:],
    fileExists: @escaping @Sendable (String) -> Bool = { _ in true }
) -> ConfigurationLoader {
    ConfigurationLoader(
        file: SourceFile(path: "/etc/sarai/sarai.yaml", text: yaml),
        dotEnv: dotEnv.map { [SourceFile(path: "/etc/sarai/.env", text: $0)] } ?? [],
        environment: environment,
        flags: flags,
        paths: SaraiPaths(environment: [:], home: "/home/ana", currentFolder: "/here", userID: 1000),
        currentFolder: "/here",
        machineMemory: .gibibytes(16),
        fileExists: fileExists)
}

/// The problems of `yaml`, as a person reads them; empty if it loads.
func problems(_ loader: ConfigurationLoader) -> [String] {
    do throws(ConfigurationError) {
        _ = try loader.load()
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

/// The problems of `yaml`, as a person reads them; empty if it loads.
func problems(_ yaml: String, dotEnv: String? = nil, environment: [String: String] = [:]) -> [String] {
    problems(loader(yaml, dotEnv: dotEnv, environment: environment))
}

/// The codes of the problems of `yaml`.
func codes(_ yaml: String, environment: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
        _ = try loader(yaml, environment: environment).load()
        return []
    } catch {
        return error.problems.map(\.code.rawValue)
    }
}

extension LoadedConfiguration {
    /// The value in effect and its origin: `12GiB from sarai.yaml:28`.
    func origin(of keyPath: String) -> String? {
        origins.first { $0.keyPath == keyPath }.map { "\($0.value) from \($0.origin)" }
    }
}

extension ModelConfiguration {
    /// The model's remote targets.
    var remote: [RemoteTargetConfiguration] {
        targets.compactMap(\.remote)
    }

    /// The model's local target.
    var local: LocalTargetConfiguration? {
        targets.lazy.compactMap { if case .local(let target) = $0 { target } else { nil } }.first
    }
}

extension TargetConfiguration {
    /// The target, if it is a remote one.
    var remote: RemoteTargetConfiguration? {
        if case .remote(let target) = self { target } else { nil }
    }
}
