import ArgumentParser
import Foundation
import Sarai
import SaraiBackends
import SaraiConfiguration

/// `sarai version`: of Sarai and of the engine that it would use.
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the versions of Sarai and of the engine.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let path = try? EngineLocator.locate(
            configured: ProcessInfo.processInfo.environment["SARAI_LLAMA_SERVER"], dataFolder: SaraiPaths.current.data,
            path: ProcessInfo.processInfo.environment["PATH"] ?? "")
        var engine: VersionReport.Engine?
        if let path {
            engine = .init(path: path, version: try? await EngineVersion.read(path).get())
        }
        try output.show(VersionReport(json: .init(sarai: SaraiVersion.current, engine: engine)))
    }
}

private struct VersionReport: CommandResult {
    struct Engine: Encodable {
        let path: String
        let version: String?
    }

    struct Versions: Encodable {
        let sarai: String
        let engine: Engine?
    }

    let json: Versions

    var quietLines: [String] { [json.sarai] }

    func text(_ style: TextStyle) -> String {
        let engine = json.engine.map { "llama-server \($0.version ?? "of unknown version")\n  \($0.path)" }
        return "sarai \(json.sarai)\n\(engine ?? "llama-server: not found")\n"
    }
}
