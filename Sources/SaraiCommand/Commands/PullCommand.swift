import ArgumentParser
import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiHub
import SaraiMemory
import SystemPackage

/// `sarai pull`: brings a model's files to this machine.
struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a model's files.",
        discussion: """
            A model of the configuration by its name: its 'source' tells where the files come from, and they go where the \
            configuration expects them. Or hf.co/ORG/REPO, hf.co/ORG/REPO:Q4_K_M, hf.co/ORG/REPO/FILE.gguf or an https:// \
            address; those go to the data folder's models/, and the lines to add to the configuration are printed.

            What breaks off goes on where it was, also after Ctrl-C or a crash, when the command is repeated. A file gets its \
            name only when all of it is there and its SHA-256 is right. 'sarai plan REF' says beforehand what a model takes.
            """)

    @Argument(help: ArgumentHelp("A model's name, hf.co/ORG/REPO[:QUANT], or an address.", valueName: "ref"))
    var reference: String

    @Option(help: ArgumentHelp("What the file's SHA-256 must be.", valueName: "hex"))
    var sha256: String?

    @Flag(inversion: .prefixedNo, help: "Fetch the multimodal projector too, where the repository has one.")
    var mmproj = true

    @Flag(help: "Fetch also where another file has the name, and put it in that one's place.")
    var replace = false

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard sha256 == nil || FileDigest(sha256 ?? "") != nil else {
            throw ValidationError("--sha256 takes 64 hexadecimal digits.")
        }
    }

    func run() async throws {
        let settings = try PullSettings(source)
        let text = reference + (sha256.map { "#sha256=\($0)" } ?? "")
        do {
            let request = try settings.request(text)
            let view = PullView(output.format)
            let (hub, replaces, brings, isTold) = (settings.hub, replace, mmproj, output.format == .text)
            let pulled = try await Interruptible.run {
                try await ModelPuller.with(hub) { puller in
                    var order = try await puller.order(request.source, to: request.destination)
                    if !brings {
                        order = order.withoutProjector
                    }
                    if isTold {
                        for reason in order.reasons {
                            Console.note(reason)
                        }
                        if order.items.count > 1, let size = order.size {
                            Console.note("\(order.items.count) files, \(MemorySize(bytes: size)) together")
                        }
                    }
                    defer { view.end() }
                    return (order, try await puller.fetch(order, replaces: replaces) { view.show($0) })
                }
            }
            guard let (order, files) = pulled else {
                throw CommandFailure(
                    .failed, "stopped. What has arrived is kept: 'sarai pull \(reference)' goes on from there.")
            }
            let report = PullReport(order: order, files: files, model: request.model, data: settings.data)
            // The lines before were one object each, and so is the last.
            try output.format == .json ? OutputOptions.showJSONLine(report.json) : output.show(report)
        } catch let error as HubError {
            throw CommandFailure(error)
        }
    }
}

/// What `sarai pull` has to say in the end.
private struct PullReport: CommandResult {
    struct JSON: Encodable {
        struct File: Encodable {
            let kind: String
            let path: String
            let sha256: String
        }

        let status = "success"
        let files: [File]
        /// Lines to add to the configuration, where it does not know the model.
        let configuration: String?

        private enum CodingKeys: CodingKey {
            case status, files, configuration
        }
    }

    let order: PullOrder
    let files: [PulledFile]
    let model: ModelName?
    let data: String

    private var suggestion: SuggestedConfiguration? {
        guard model == nil else {
            return nil
        }
        return SuggestedConfiguration(order, header: try? GGUFHeader.read(FilePath(order.model.path)), data: data)
    }

    var json: JSON {
        JSON(
            files: files.map { .init(kind: $0.item.kind.rawValue, path: $0.item.path, sha256: $0.digest.hex) },
            configuration: suggestion?.yaml)
    }

    var quietLines: [String] {
        files.map(\.item.path)
    }

    func text(_ style: TextStyle) -> String {
        let lines = files.map { file in
            let trust = file.item.digest == nil ? ", which nobody has told beforehand" : ""
            return "\(style(file.item.path, .strong))\n  \(file.digest)\(trust)\n"
        }
        guard let suggestion else {
            return lines.joined()
        }
        return lines.joined() + "\nTo use it as '\(suggestion.name)', add to the configuration:\n\n\(suggestion.yaml)"
    }
}
