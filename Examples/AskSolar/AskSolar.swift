// Asks the expert and prints what the models take of the memory:
//
//     swift run AskSolar sarai.yaml "What is a relay?"

import Sarai
import SaraiConfiguration

@main struct AskSolar {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let configuration = try Configuration.load(path: arguments.first)
        let question = arguments.dropFirst().first ?? "What is a relay?"

        try await Sarai.withPool(configuration) { sarai in
            for try await text in sarai.stream(question, model: "solar") {
                print(text, terminator: "")
            }
            print("\n\n\(sarai.memory().total) of \(sarai.memory().budget)")
        }
    }
}
