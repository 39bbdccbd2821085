import ArgumentParser
import SaraiConfiguration

/// `sarai config schema`: the keys, for editors and for people.
struct ConfigSchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the configuration's JSON Schema, or its reference page.")

    @Flag(help: "Print the reference page in Markdown instead.")
    var markdown = false

    func run() throws {
        Console.write(markdown ? ConfigurationReference.markdown : try ConfigurationReference.jsonSchemaText())
    }
}
