import ArgumentParser
import SaraiCore

/// The options of every command that asks a model.
struct GenerationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What the model is told before the conversation.", valueName: "text"))
    var system: String?

    @Option(help: ArgumentHelp("End the answer after this many tokens.", valueName: "n"))
    var maxTokens: Int?

    @Option(help: ArgumentHelp("0 always takes the likeliest token; more is more varied.", valueName: "t"))
    var temperature: Double?

    @Option(help: ArgumentHelp("The same seed gives the same answer.", valueName: "n"))
    var seed: Int?

    /// The message that comes first, if there is one.
    var systemMessages: [Message] {
        system.map { [Message(role: .system, text: $0)] } ?? []
    }

    /// A request for the next turn of a conversation.
    func request(_ messages: [Message]) -> GenerationRequest {
        var sampling = Sampling()
        sampling.maxTokens = maxTokens
        sampling.temperature = temperature
        sampling.seed = seed
        return GenerationRequest(prompt: .chat(messages), sampling: sampling)
    }
}
