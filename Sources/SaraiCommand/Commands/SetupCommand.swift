import ArgumentParser
import Foundation
import SaraiConfiguration

/// `sarai setup`: installs what runs models on this machine.
struct SetupCommand: ParsableCommand {
    /// What can be installed.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        case engine, speech
    }

    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Install what runs models on this machine.",
        discussion: """
            'engine' builds llama-server from llama.cpp's published source, pinned and verified, for this processor (8 to 11 \
            minutes on 2 cores); it does nothing where one is there already. 'speech' installs faster-whisper from PyPI, which runs \
            Whisper models, and the model models/whisper-base (145 MB); docs/pipelines.md says how to configure it. Both go to \
            the data folder, need no root unless Debian packages are missing, and go on where they were interrupted.
            """)

    @Argument(help: ArgumentHelp("What to install: engine or speech.", valueName: "part"))
    var part: Part

    func run() throws {
        let script = "setup-\(part.rawValue).sh"
        guard let path = SetupScripts.find(script, near: Program.own) else {
            throw CommandFailure(
                .failed,
                "\(script) is not beside this program (\(Program.own)), in ../share/sarai/scripts. Install Sarai anew, or run "
                    + "scripts/\(script) of its source.")
        }
        // The script is silent where all is there.
        let steps =
            switch part {
            case .engine: #""$2" && exec "$1" version"#
            case .speech: #""$2" && echo "faster-whisper is there, and the model $3/models/whisper-base""#
            }
        Program.become("bash", ["-c", steps, "setup", Program.own, path, SaraiPaths.current.data])
        throw CommandFailure(.failed, "bash, which runs \(path), cannot be started. Is it installed?")
    }
}

/// The scripts that come with the program.
private enum SetupScripts {
    /// Where they are beside a program that was installed, and above one that was just built.
    static func find(_ name: String, near program: String) -> String? {
        let folder = (program as NSString).deletingLastPathComponent
        let installed = "\(folder)/../share/sarai/scripts/\(name)"
        let built = (1...4).map { "\(folder)/" + String(repeating: "../", count: $0) + "scripts/\(name)" }
        return ([installed] + built).first(where: FileManager.default.isExecutableFile)
            .map { URL(filePath: $0).standardizedFileURL.path }
    }
}
