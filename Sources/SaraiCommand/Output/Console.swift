import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// The process's standard streams.
enum Console {
    /// One of them, by its file descriptor.
    enum Stream: Int32 {
        case input, output, error
    }

    /// Whether a person is at the other end.
    static func isTerminal(_ stream: Stream) -> Bool {
        isatty(stream.rawValue) == 1
    }

    /// Writes to stdout, at once. When nobody reads any more, the process ends.
    static func write(_ text: String) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            Foundation.exit(CommandFailure.Status.failed.rawValue)
        }
    }

    /// Writes a line to stderr.
    static func note(_ line: String) {
        prompt(line + "\n")
    }

    /// Writes to stderr without ending the line. That it cannot be written is nothing that could be told.
    static func prompt(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// All of stdin.
    static func readInput() throws -> String {
        String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
    }

    /// A model's text, fit for stdout: on a terminal without control characters, which could move the cursor, change the
    /// window's title or worse; elsewhere as it is.
    static func presentable(_ text: String) -> String {
        guard isTerminal(.output) else {
            return text
        }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            if !isControl || scalar == "\n" || scalar == "\t" {
                shown.append(scalar)
            }
        }
        return String(shown)
    }
}
