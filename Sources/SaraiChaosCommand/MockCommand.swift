import ArgumentParser
import SaraiChaos

/// `sarai-chaos mock`.
struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock", abstract: "Serve models whose answers are known, in Ollama's and OpenAI's API.",
        discussion: "The whole answer is always 'w0 w1 w2 …'. A request that holds its beginning gets the rest.")

    @Option(help: "Where clients connect: HOST:PORT; port 0 is any that is free.")
    var listen: Endpoint

    @Option(help: "A model that it has. May be repeated.")
    var model: [String] = []

    @Option(help: "Pieces of the whole answer.")
    var chunks = MockOptions().chunks

    @Option(help: "Bytes that a piece has at least.")
    var chunkBytes = MockOptions().chunkBytes

    @Option(help: ArgumentHelp("Time before the first byte of an answer.", valueName: "ms"))
    var ttft = MockOptions().timeToFirstToken

    @Option(help: ArgumentHelp("Time between two pieces.", valueName: "ms"))
    var interval = MockOptions().interval

    @Option(help: "Share of POST requests that get a 500, from 0 to 1.")
    var failureRate = MockOptions().failureRate

    @Option(help: "Share of POST requests that are turned away, from 0 to 1.")
    var overloadRate = MockOptions().overloadRate

    @Option(help: "What those get that are turned away: 429 or 503.")
    var overloadStatus = MockOptions().overloadStatus

    @Option(help: ArgumentHelp("Retry-After of those.", valueName: "s"))
    var retryAfter: Int?

    @Option(help: "Pieces after which every stream is reset.")
    var resetAfter: Int?

    @Option(help: ArgumentHelp("Time before a new connection is read from.", valueName: "ms"))
    var slowAccept = MockOptions().slowAccept

    @Option(help: "Decides which requests fail.")
    var seed = MockOptions().seed

    @OptionGroup var lifetime: Lifetime

    func validate() throws {
        let numbers = [chunks, chunkBytes, ttft, interval, retryAfter ?? 0, resetAfter ?? 0, slowAccept]
        guard numbers.allSatisfy({ $0 >= 0 }) else {
            throw ValidationError("Numbers and times must not be negative.")
        }
        guard failureRate >= 0, overloadRate >= 0, failureRate + overloadRate <= 1 else {
            throw ValidationError("Rates must be from 0 to 1, and 1 together at most.")
        }
        guard [429, 503].contains(overloadStatus) else {
            throw ValidationError("--overload-status must be 429 or 503.")
        }
    }

    func run() async throws {
        var options = MockOptions()
        options.models = model.isEmpty ? options.models : model
        options.chunks = chunks
        options.chunkBytes = chunkBytes
        options.timeToFirstToken = ttft
        options.interval = interval
        options.failureRate = failureRate
        options.overloadRate = overloadRate
        options.overloadStatus = overloadStatus
        options.retryAfter = retryAfter
        options.resetAfter = resetAfter
        options.slowAccept = slowAccept
        options.seed = seed
        try await lifetime.run { [listen, options] in
            try await MockServer.withServer(listen: listen, options: options) { address in
                Lifetime.announce(listen: address)
                await Lifetime.untilCancelled()
            }
        }
    }
}
