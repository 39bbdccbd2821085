import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// Whether there are programs for the local models, and whether they run here.
enum EngineChecks {
    static func check(_ configuration: Configuration) async -> [Check] {
        await engine(configuration) + speech(configuration) + video(configuration)
    }

    private static func speech(_ configuration: Configuration) -> [Check] {
        guard configuration.models.flatMap(\.targets).contains(where: { $0.id.kind == .whisper }) else {
            return []
        }
        do {
            return [.ok("speech", "faster-whisper with \(try WhisperLocator.locate(for: configuration))")]
        } catch {
            return [.fail("speech", error.message)]
        }
    }

    /// Whether the models that see pictures see videos too.
    private static func video(_ configuration: Configuration) -> [Check] {
        let sees = configuration.models.flatMap(\.targets).contains { target in
            if case .local(let local) = target { local.mmproj != nil } else { false }
        }
        guard sees else {
            return []
        }
        let missing = VideoPrograms.missing().joined(separator: " and ")
        return missing.isEmpty
            ? [.ok("video", "ffmpeg is there to take videos apart")]
            : [.warn("video", "is refused: not on PATH: \(missing)", advice: VideoPrograms.remedy)]
    }

    private static func engine(_ configuration: Configuration) async -> [Check] {
        let isNeeded = configuration.models.flatMap(\.targets).contains { $0.id.kind == .gguf }
        let path: String
        do {
            path = try EngineLocator.locate(for: configuration)
        } catch {
            return isNeeded
                ? [.fail("engine", error.message)] : [.ok("engine", "none is there, and no model needs one")]
        }
        switch await EngineVersion.read(path) {
        case .success(let version): return [.ok("engine", "\(path), version \(version)")]
        case .failure(let error):
            return [
                .fail(
                    "engine", "\(path) does not run: \(error.reason)",
                    advice: "Build it for this machine with 'sarai setup engine', or set engine.llama_server.")
            ]
        }
    }
}
