import ArgumentParser
import SaraiConfiguration

/// `sarai config show`: every value in effect and where it comes from.
struct ConfigShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "List every value in effect and where it comes from.",
        discussion: "Secrets are masked.")

    @OptionGroup var source: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        try output.show(EffectiveValues(try source.load().origins))
    }
}

private struct EffectiveValues: CommandResult {
    struct Value: Encodable {
        let key: String
        let value: String
        let origin: String
    }

    let json: [Value]

    init(_ values: [EffectiveValue]) {
        json = values.map { Value(key: $0.keyPath, value: $0.value, origin: $0.origin.description) }
    }

    var quietLines: [String] {
        json.map { "\($0.key)=\($0.value)" }
    }

    func text(_ style: TextStyle) -> String {
        var table = TextTable([.text("KEY"), .text("VALUE"), .text("FROM")])
        for value in json {
            table.add([.init(value.key), .init(value.value, .strong), .init(value.origin, .faint)])
        }
        return table.text(style)
    }
}
