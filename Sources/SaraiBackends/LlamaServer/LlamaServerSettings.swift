package import SaraiMemory

/// How one GGUF file is run: everything that llama-server's memory and speed depend on.
///
/// Nothing is left to the engine's defaults: they map *and* copy the weights, keep a prompt cache of up to 8 GiB, and
/// open four slots.
package struct LlamaServerSettings: Hashable, Sendable {
    /// Absolute path of the model's file.
    package var gguf: String
    /// Absolute path of the multimodal projector's file.
    package var mmproj: String?
    /// Absolute path of the file with the chat template; `nil` is the model's own.
    package var chatTemplate: String?
    /// Whether it judges documents.
    package var isReranker = false
    /// What its memory depends on.
    package var load: LoadSettings
    /// Threads that one step uses.
    package var threads: Int
    /// Servers of llama.cpp that hold and compute all layers, between them; none where this machine does.
    package var rpc: [String] = []

    /// Settings for a file.
    package init(gguf: String, mmproj: String?, load: LoadSettings, threads: Int) {
        self.gguf = gguf
        self.mmproj = mmproj
        self.load = load
        self.threads = threads
    }

    /// The command line of llama-server as a worker.
    ///
    /// - Parameter socket: path of the unix socket to listen on; it must end in `.sock`.
    /// - Returns: the arguments, without the program's name.
    func arguments(socket: String) -> [String] {
        var arguments = memoryArguments + ["--host", socket, "--fit", "off"]
        // A streaming answer holds a thread of the HTTP server; health checks need one besides.
        arguments += ["--threads-http", "\(load.slots + 3)", "--offline", "--no-ui", "--slots"]
        if let mmproj {
            // The projector's masks grow with the square of an image's tokens: the engine's default of 4096 takes 2 GiB.
            arguments += ["--mmproj", mmproj, "--image-max-tokens", "\(load.imageTokens)"]
        }
        if let chatTemplate {
            arguments += ["--chat-template-file", chatTemplate]
        }
        return arguments
    }

    /// llama-server as a worker.
    ///
    /// - Parameters:
    ///   - engine: path of llama-server.
    ///   - socket: path of the unix socket to listen on; it must end in `.sock`.
    /// - Returns: the command.
    package func command(engine: String, socket: String) -> WorkerCommand {
        // Makes llama-server report its progress, and end when its standard input closes.
        let environment = Self.environment.merging(["LLAMA_SERVER_ROUTER_PORT": "1"]) { $1 }
        return WorkerCommand(arguments: [engine] + arguments(socket: socket), environment: environment)
    }

    /// Variables for llama-server, as a worker or not.
    static let environment = [
        // A failed assertion would start a debugger, if there is one, and end the process half a second later.
        "GGML_NO_BACKTRACE": "1"
    ]

    /// The arguments that decide the sizes of the engine's buffers for weights, context and activations.
    var memoryArguments: [String] {
        var arguments = [
            "--model", gguf,
            "--ctx-size", "\(load.contextLength * load.slots)",
            "--parallel", "\(load.slots)",
            "--batch-size", "\(load.microBatch)",
            "--ubatch-size", "\(load.microBatch)",
            "--threads", "\(threads)",
            "--threads-batch", "\(threads)",
            "--cache-ram", "\(load.promptCacheMebibytes)",
            "--ctx-checkpoints", "0",
            "--cache-type-k", load.cacheType.rawValue,
            "--cache-type-v", load.cacheType.rawValue,
        ]
        arguments += loadModeArguments
        if !rpc.isEmpty {
            arguments += ["--rpc", rpc.joined(separator: ","), "--gpu-layers", "all"]
        }
        if load.cacheType != .f16 {
            // The engine reads quantised values with flash attention only. By default it decides by itself, and gives
            // up where it decides against.
            arguments += ["--flash-attn", "on"]
        }
        if load.isEmbedding {
            arguments.append(isReranker ? "--reranking" : "--embeddings")
        }
        return arguments
    }

    private var loadModeArguments: [String] {
        switch load.loadMode {
        case .mapped: ["--load-mode", "mmap", "--no-repack"]
        case .repacked: ["--load-mode", "none", "--repack"]
        // No plan chooses it: it is here so that a dry run can tell what it would take.
        case .engineDefault: ["--load-mode", "mmap", "--repack"]
        }
    }
}
