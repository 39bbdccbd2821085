import Foundation

/// Finds the Python that runs Whisper models.
package enum WhisperLocator {
    /// The path of an interpreter that finds faster-whisper: the configured one, or that of the environment that
    /// `sarai setup speech` makes in the data folder.
    ///
    /// - Parameters:
    ///   - configured: the configuration's `engine.whisper_python`.
    ///   - dataFolder: the folder that holds `python/`.
    /// - Returns: the path of an executable file.
    /// - Throws: ``EngineNotFound`` with what was looked at and what to do.
    package static func locate(configured: String?, dataFolder: String) throws(EngineNotFound) -> String {
        if let configured {
            guard FileManager.default.isExecutableFile(atPath: configured) else {
                throw EngineNotFound(
                    message: "engine.whisper_python: there is no executable at \(configured). "
                        + "Correct the path, or remove the key to use what 'sarai setup speech' installs.")
            }
            return configured
        }
        let python = "\(dataFolder)/python/speech/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw EngineNotFound(
                message: "speech needs faster-whisper, which is not in \(dataFolder)/python/speech. "
                    + "Run 'sarai setup speech' to install it, or set engine.whisper_python.")
        }
        return python
    }
}
