import ArgumentParser
import Foundation
import NIOCore
import SaraiChaos
import UnixSignals

/// How long a tool runs, and how it says that it does.
struct Lifetime: ParsableArguments {
    @Flag(help: "End when standard input ends, too.")
    var untilStdinCloses = false

    /// Runs `body` until it ends by itself, a signal comes or standard input ends; then it is cancelled and awaited.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    return
                }
            }
            if untilStdinCloses {
                group.addTask { await Self.untilStandardInputEnds() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Prints the line that says where to connect.
    static func announce(listen: SocketAddress, control: SocketAddress? = nil) {
        let addresses = [("listen", listen), ("control", control)].compactMap { name, address in
            address.flatMap { Endpoint($0) }.map { "\"\(name)\":\"\($0)\"" }
        }
        print("{\(addresses.joined(separator: ","))}")
        // A pipe would keep the line until the end.
        fflush(nil)
    }

    /// Waits until the task is cancelled.
    static func untilCancelled() async {
        let (never, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
    }

    /// Waits until nobody can write to standard input any more.
    private static func untilStandardInputEnds() async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        // A thread of its own, because reading blocks and cannot be cancelled; it ends with the process.
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 {}
            continuation.finish()
        }
        for await _ in ends {}
    }
}

extension Endpoint: ExpressibleByArgument {
    /// An endpoint of the command line.
    public init?(argument: String) {
        self.init(argument)
    }
}
