import ArgumentParser
import SaraiConfiguration
import SaraiCore
import SaraiHub
import SaraiMemory

/// `sarai models`: the files of models on this machine.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List the model files on this machine, and who uses them.",
        discussion: """
            Looks into the data folder's models/, and at what the configuration expects elsewhere. 'sarai pull' brings files, \
            'sarai rm' removes them; 'sarai ps' shows what is loaded.
            """)

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try output.show(ModelFilesReport(try PullSettings(source)))
    }
}

/// The files, and those that are expected.
private struct ModelFilesReport: CommandResult {
    struct JSON: Encodable {
        let folder: String
        let files: [File]
    }

    struct File: Encodable {
        let name: String
        let path: String
        /// `whole`, `incomplete`, `broken` or `missing`.
        let state: String
        var sizeBytes: Int?
        var completedBytes: Int?
        var architecture: String?
        var quantization: String?
        var contextLength: Int?
        var source: String?
        var fault: String?
        let usedBy: [String]
    }

    let json: JSON

    init(_ settings: PullSettings) {
        let stored = settings.folder.models()
        let known = Set(stored.map(\.path))
        let expected = settings.models.flatMap { model in
            (model.localTarget?.gguf == nil ? [] : model.localTarget?.files ?? []).map { (model, $0) }
        }
        let missing = expected.filter { !known.contains($0.1) && !ConfigurationLoader.isFile($0.1) }
        let elsewhere = Set(expected.map(\.1)).subtracting(known).subtracting(missing.map(\.1))
        json = JSON(
            folder: settings.folder.path,
            files: stored.map { File($0, usedBy: settings.models.users(of: [$0.path])) }
                + elsewhere.sorted().map {
                    File(StoredModel(name: $0, path: $0), usedBy: settings.models.users(of: [$0]))
                }
                + missing.map { File(missing: $0.1, of: $0.0) })
    }

    var quietLines: [String] {
        json.files.filter { $0.state != "missing" }.map(\.name)
    }

    func text(_ style: TextStyle) -> String {
        guard !json.files.isEmpty else {
            return "There are no models in \(json.folder). 'sarai pull hf.co/ORG/REPO' brings one.\n"
        }
        var table = TextTable([
            .text("FILE"), .number("SIZE"), .text("ARCHITECTURE"), .text("QUANTIZATION"), .number("CONTEXT"),
            .text("USED BY"), .text("STATE"),
        ])
        for file in json.files {
            table.add([
                .init(file.name, .strong), .init(file.sizeBytes.map { "\(MemorySize(bytes: $0))" }),
                .init(file.architecture.map(Console.presentable)), .init(file.quantization),
                .init(file.contextLength.map(String.init)),
                .init(file.usedBy.isEmpty ? nil : file.usedBy.joined(separator: ", ")), file.cell,
            ])
        }
        return table.text(style)
    }
}

extension ModelFilesReport.File {
    fileprivate init(_ model: StoredModel, usedBy: [ModelName]) {
        (name, path, sizeBytes) = (model.name, model.path, model.size)
        self.usedBy = usedBy.map(\.rawValue)
        switch model.state {
        case .whole(let header):
            state = "whole"
            (architecture, quantization) = (header.architecture, header.quantization)
            contextLength = header.contextLength
        case .incomplete(let completed, let source):
            state = "incomplete"
            (completedBytes, self.source) = (completed, source)
        case .broken(let reason):
            state = "broken"
            fault = reason
        }
    }

    fileprivate init(missing path: String, of model: ModelConfiguration) {
        (name, self.path, state) = (path, path, "missing")
        usedBy = [model.name.rawValue]
        source = model.localTarget?.source.map { "\($0)" }
    }

    /// The state for a person.
    fileprivate var cell: TextTable.Cell {
        switch state {
        case "incomplete":
            let share = sizeBytes.map { $0 > 0 ? (completedBytes ?? 0) * 100 / $0 : 0 } ?? 0
            return .init("incomplete, \(share) %", .caution)
        case "broken": return .init("broken: \(fault ?? "")", .bad)
        case "missing":
            return .init(source == nil ? "missing" : "missing: sarai pull \(usedBy.joined(separator: " "))", .caution)
        default: return .init("", .plain)
        }
    }
}
