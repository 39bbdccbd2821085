/// How one Whisper model is run by faster-whisper, which is a Python package.
package struct WhisperSettings: Hashable, Sendable {
    /// Absolute path of the model's folder.
    package var folder: String
    /// Threads that one transcription uses.
    package var threads: Int

    /// Settings for a model.
    package init(folder: String, threads: Int) {
        self.folder = folder
        self.threads = threads
    }

    /// faster-whisper as a worker.
    ///
    /// The program that it runs is part of this one, so that one file is all there is to install.
    ///
    /// - Parameters:
    ///   - python: path of an interpreter that finds faster-whisper.
    ///   - socket: path of the unix socket to listen on; the program is put beside it.
    /// - Returns: the command.
    package func command(python: String, socket: String) -> WorkerCommand {
        let script = "\(socket).py"
        return WorkerCommand(
            arguments: [
                // Isolated from the user's own packages and variables, and without files of compiled code.
                python, "-I", "-B", script, "--model", folder, "--socket", socket, "--threads", "\(threads)",
            ],
            environment: [
                // The model is on this machine, and nothing else is to be fetched.
                "HF_HUB_OFFLINE": "1",
                // It would keep a thread per core beside those that the core ledger knows.
                "OPENBLAS_NUM_THREADS": "1",
            ],
            script: WorkerCommand.Script(path: script, content: PackageResources.whisper_worker_py))
    }
}
