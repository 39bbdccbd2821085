import ArgumentParser
import SaraiChaos

/// `sarai-chaos proxy`.
struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy", abstract: "Forward TCP connections, and break them as faults demand.")

    @Option(help: "Where clients connect: HOST:PORT; port 0 is any that is free.")
    var listen: Endpoint

    @Option(help: "Where requests go: HOST:PORT or unix:PATH.")
    var to: Endpoint

    @Option(help: "Where faults can be set over HTTP: HOST:PORT.")
    var control: Endpoint?

    @Option(help: "A fault, such as reset,after_bytes=200. May be repeated.", transform: Fault.init(text:))
    var fault: [Fault] = []

    @Option(help: "Decides everything that is random.")
    var seed: UInt64 = 0

    @OptionGroup var lifetime: Lifetime

    func run() async throws {
        try await lifetime.run { [listen, to, control, fault, seed] in
            try await ChaosProxy.withProxy(listen: listen, to: to, control: control, faults: fault, seed: seed) {
                proxy in
                Lifetime.announce(listen: proxy.address, control: proxy.controlAddress)
                await Lifetime.untilCancelled()
            }
        }
    }
}
