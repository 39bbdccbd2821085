/// How one GGUF file is run: everything that llama-server's memory and speed depend on.
///
/// Nothing is left to the engine's defaults: they map *and* copy the weights, keep a prompt cache of up to 8 GiB, and
/// open four slots.
package struct LlamaServerSettings: Hashable, Sendable {
    /// Absolute path of the model's file.
    package var gguf: String
    /// Absolute path of the multimodal projector's file.
    package var mmproj: String?
    /// Tokens of context per slot.
    package var contextLength: Int
    /// Requests at the same time.
    package var slots: Int
    /// Threads that one step uses.
    package var threads: Int
    /// Whether the file serves embeddings rather than text.
    package var isEmbedding: Bool

    /// Settings for a file.
    package init(
        gguf: String, mmproj: String?, contextLength: Int, slots: Int, threads: Int, isEmbedding: Bool
    ) {
        self.gguf = gguf
        self.mmproj = mmproj
        self.contextLength = contextLength
        self.slots = slots
        self.threads = threads
        self.isEmbedding = isEmbedding
    }

    /// Tokens that the engine evaluates in one step. An embedding must fit in one step whole.
    package var microBatch: Int {
        isEmbedding ? max(512, contextLength) : 512
    }

    /// The command line of llama-server.
    ///
    /// - Parameter socket: path of the unix socket to listen on; it must end in `.sock`.
    /// - Returns: the arguments, without the program's name.
    package func arguments(socket: String) -> [String] {
        var arguments = [
            "--model", gguf,
            "--host", socket,
            "--ctx-size", "\(contextLength * slots)",
            "--parallel", "\(slots)",
            "--batch-size", "\(max(microBatch, 512))",
            "--ubatch-size", "\(microBatch)",
            "--threads", "\(threads)",
            "--threads-batch", "\(threads)",
            "--cache-ram", "0",
            "--ctx-checkpoints", "0",
            "--load-mode", "mmap",
            "--no-repack",
            "--cache-type-k", "f16",
            "--cache-type-v", "f16",
            "--fit", "off",
            // A streaming answer holds a thread of the HTTP server; health checks need one besides.
            "--threads-http", "\(slots + 3)",
            "--offline",
            "--no-ui",
            "--no-slots",
        ]
        if let mmproj {
            // The projector's masks grow with the square of an image's tokens: the engine's default of 4096 takes 2 GiB.
            arguments += ["--mmproj", mmproj, "--image-max-tokens", "1024"]
        }
        if isEmbedding {
            arguments.append("--embeddings")
        }
        return arguments
    }
}
