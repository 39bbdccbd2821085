import SaraiBackends
import SaraiCore
import SaraiMemory

/// A file's plan, as `sarai plan --gguf` shows it.
struct FilePlanReport: CommandResult {
    private let plan: FilePlan

    /// The report of a plan.
    init(_ plan: FilePlan) {
        self.plan = plan
    }

    var json: FilePlanJSON {
        FilePlanJSON(plan)
    }

    /// Bytes that it takes as Sarai loads it.
    var quietLines: [String] {
        ["\(plan.sarai.footprint.resident.bytes)"]
    }

    func text(_ style: TextStyle) -> String {
        let sections = [description.text(style), memory.text(style), notes(style) + verdict(style) + "\n"]
        return sections.joined(separator: "\n")
    }

    // MARK: What it is

    private var description: TextTable {
        let header = plan.model.header
        var table = TextTable([.text(""), .text("")])
        func add(_ title: String, _ value: String?) {
            if let value {
                table.add([.init(title, .faint), .init(value)])
            }
        }
        table.add([.init("model", .faint), .init(presentable(header.name), .strong)])
        add("architecture", presentable(header.architecture))
        add("quantization", header.quantization)
        add("parameters", header.parameterLabel)
        add("trained context", header.contextLength.map { "\($0) tokens" })
        for file in plan.files {
            add(file.header.isProjector ? "projector" : "file", Console.presentable(file.source))
            add("", "\(MemorySize(bytes: file.size))\(parts(file)), \(origin(of: file))")
        }
        return table
    }

    /// A text of a file that may be anyone's, in one line.
    private func presentable(_ text: String?) -> String? {
        text.map { Console.presentable($0.split(whereSeparator: \.isNewline).joined(separator: " ")) }
    }

    private func parts(_ file: FilePlanFile) -> String {
        file.header.splitCount > 1 ? " in \(file.header.splitCount) files" : ""
    }

    private func origin(of file: FilePlanFile) -> String {
        switch file.origin {
        case .disk(let present) where present < file.size:
            return "\(MemorySize(bytes: present)) of it on disk: header only"
        case .disk: return "on disk"
        case .server(let traffic):
            let requests = traffic.requests == 1 ? "1 request" : "\(traffic.requests) requests"
            return "header read in \(requests), \(MemorySize(bytes: traffic.bytes))"
        }
    }

    // MARK: What it takes

    private var memory: TextTable {
        let ways = [plan.sarai, plan.engine]
        var table = TextTable([.text(""), .number("SARAI"), .number("ENGINE'S DEFAULTS")])
        func add(_ title: String, _ tone: TextStyle.Tone = .plain, _ value: (FilePlan.Way) -> String?) {
            table.add([.init(title, tone)] + ways.map { .init(value($0), tone) })
        }
        func add(_ title: String, _ size: KeyPath<Footprint, MemorySize>) {
            if ways.contains(where: { $0.footprint[keyPath: size] != .zero }) {
                add(title) { $0.footprint[keyPath: size] == .zero ? nil : "\($0.footprint[keyPath: size])" }
            }
        }
        add("slots × context", .faint) { "\($0.settings.slots) × \($0.settings.contextLength)" }
        add("keys and values", .faint) { $0.settings.cacheType.rawValue }
        add("weights, mapped", \.weightsMapped)
        add("weights, private", \.weightsPrivate)
        add("KV", \.kv)
        add("compute", \.compute)
        add("projector", \.projector)
        add("prompt cache", \.promptCache)
        add("process", \.overhead)
        add("total", .strong) { "\($0.footprint.resident)" }
        return table
    }

    private func notes(_ style: TextStyle) -> String {
        guard let trained = plan.model.header.contextLength, plan.sarai.settings.contextLength > trained else {
            return ""
        }
        return style("The context is longer than the model was trained for: answers will get worse.", .caution) + "\n"
    }

    private func verdict(_ style: TextStyle) -> String {
        let needs = plan.sarai.footprint.resident
        guard let machine = plan.machine else {
            return "It takes \(needs); this machine does not tell how much memory it has."
        }
        guard needs <= machine.usable else {
            return style("Does not fit:", .bad)
                + " it takes \(needs), \(needs - machine.usable) more than the \(machine.usable) of this machine."
        }
        guard needs <= machine.available else {
            return style("Fits this machine,", .caution)
                + " but not now: it takes \(needs) of \(machine.usable), and \(machine.available) are available."
        }
        return style("Fits:", .good) + " \(needs) of \(machine.usable), \(machine.available) available now."
    }
}
