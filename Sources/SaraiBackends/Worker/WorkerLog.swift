import Foundation

/// The end of a worker's log, read for the reason why the worker ended.
struct WorkerLog {
    /// The line that says best why the worker ended, at most 300 characters.
    let lastWords: String?
    /// Whether the worker could not get memory that it wanted.
    let tellsOfMemory: Bool

    /// Reads the last lines of the file.
    ///
    /// - Returns: `nil` if there is no such file.
    init?(path: String) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            return nil
        }
        defer { try? handle.close() }
        let size = (try? handle.seekToEnd()) ?? 0
        try? handle.seek(toOffset: size > 16384 ? size - 16384 : 0)
        self.init(text: String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self))
    }

    /// Reads a text.
    init(text: String) {
        let lines = text.split(separator: "\n")
        let memory = lines.first(where: Self.speaksOfMemory)
        let errors = lines.filter { $0.contains(" E ") || $0.contains("error") || $0.contains("GGML_ASSERT") }
        // A want of memory says it best, then a failed assertion; otherwise the first error is the cause and the others
        // follow from it.
        let line = memory ?? errors.last { $0.contains("GGML_ASSERT") } ?? errors.first ?? lines.last
        lastWords = line.map { String($0.prefix(300)) }
        tellsOfMemory = memory != nil
    }

    /// Whether a message is about a want of memory.
    static func speaksOfMemory(_ message: some StringProtocol) -> Bool {
        memoryPhrases.contains { message.contains($0) }
    }

    /// What the engine, the C++ library and the C library say. Each was seen with a limit on private data: the last
    /// when a thread got no stack.
    private static let memoryPhrases = [
        "bad_alloc", "mem_buffer != NULL", "failed to allocate", "unable to allocate", "insufficient memory",
        "out of memory", "Cannot allocate memory", "what():  Resource temporarily unavailable",
    ]
}
