import SaraiConfiguration
import SaraiCore
import SaraiMemory
import SaraiPipelines

/// What `sarai init` has found and written.
struct InitReport: CommandResult {
    /// For programs.
    struct JSON: Encodable {
        let file: String
        let written: Bool
        let configuration: String
        let models: [Model]
        let skipped: [ModelFolder.Skipped]
        /// Models of the server that no file here is like.
        let unusedOnServer: [String]
        let fits: Bool
        let totalBytes: Int
        let budgetBytes: Int
        let messages: [String]
    }

    /// A model of the configuration.
    struct Model: Encodable {
        let name: String
        let role: String
        let gguf: String?
        let mmproj: String?
        let whisper: String?
        /// The server that is asked first.
        let server: String?
        /// The model's name there.
        let remoteModel: String?
        let bestEffort: Bool
    }

    let json: JSON
    private let memory: String

    /// The report of a proposal and of its plan.
    init(_ proposal: Proposal, _ plan: ConfigurationPlan, file: String, text: String, isWritten: Bool) {
        let total = plan.memory.total.resident + plan.memory.reserve
        json = JSON(
            file: file, written: isWritten, configuration: text,
            models: proposal.entries.map { entry in
                Model(
                    name: entry.name, role: entry.role.rawValue, gguf: entry.gguf, mmproj: entry.mmproj,
                    whisper: entry.whisper, server: entry.remote == nil ? nil : proposal.server?.url,
                    remoteModel: entry.remote, bestEffort: entry.isBestEffort)
            },
            skipped: proposal.skipped, unusedOnServer: proposal.unusedOnServer, fits: plan.memory.fits,
            totalBytes: total.bytes, budgetBytes: plan.memory.ceiling.bytes, messages: plan.messages)
        memory = "\(total) of \(plan.memory.ceiling)"
    }

    var quietLines: [String] {
        json.written ? [json.file] : [json.configuration]
    }

    func text(_ style: TextStyle) -> String {
        guard json.written else {
            return json.configuration
        }
        var table = TextTable([.text("MODEL"), .text("ROLE"), .text("FIRST"), .text("FILE")])
        for model in json.models {
            let server = model.server.map { "\(model.remoteModel ?? "") on \($0)" } ?? "this machine"
            let path = [model.gguf ?? model.whisper, model.mmproj].compactMap { $0?.split(separator: "/").last }
            table.add([
                .init(model.name, .strong), .init(model.role), .init(server), .init(path.joined(separator: " + ")),
            ])
        }
        let skipped = json.skipped.map { "\(style("Not used:", .caution)) \($0.path): \($0.reason)\n" }.joined()
        let unused =
            json.unusedOnServer.isEmpty
            ? "" : "The server also has \(json.unusedOnServer.joined(separator: ", ")); no file here is like these.\n"
        let verdict =
            json.fits
            ? "\(style("Fits:", .good)) \(memory).\n"
            : "\(style("Does not fit:", .bad)) it takes \(memory). 'sarai plan' shows ways out.\n"
        let messages = json.messages.map { style($0, .caution) + "\n" }.joined()
        let first = json.models.first?.name ?? ""
        return "\(style("Written:", .good)) \(json.file)\n\n\(table.text(style))\n"
            + skipped + unused + messages + verdict
            + "Next: 'sarai serve', or 'sarai service install' to keep it running; then 'sarai chat \(first)'.\n"
    }
}
