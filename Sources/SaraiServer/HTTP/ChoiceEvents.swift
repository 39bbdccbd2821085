import SaraiCore
import SaraiPool

/// The events of several answers to one request, as they come.
enum ChoiceEvents {
    /// An event, and the number of the answer that it belongs to, from 0.
    struct Element: Sendable {
        let choice: Int
        let event: GenerationEvent
    }

    /// The events of all answers. Ends with the last answer, or with the first error of any.
    static func merged(_ generations: [Generation]) -> AsyncThrowingStream<Element, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: Element.self)
        // Nobody awaits this task: its end is the end of the stream, and it is cancelled when nobody reads that any more.
        let task = Task {
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (choice, generation) in generations.enumerated() {
                        group.addTask {
                            for try await event in generation.events {
                                continuation.yield(Element(choice: choice, event: event))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }
}
