import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif

/// A program of the system, run to its end.
enum Program {
    /// What it left.
    struct Result {
        /// Its exit status; what a shell would say of a signal.
        let status: Int32
        let output: String
        let errors: String

        /// Whether it ended well.
        var isSuccess: Bool { status == 0 }

        /// Its last words, for a message.
        var words: String {
            let text = errors.isEmpty ? output : errors
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Runs a program that is on `PATH`.
    ///
    /// - Parameters:
    ///   - name: the program's name.
    ///   - arguments: its arguments.
    /// - Returns: what it left; `nil` if there is no such program, or it cannot be started.
    static func run(_ name: String, _ arguments: [String]) -> Result? {
        guard let path = path(of: name) else {
            return nil
        }
        let process = Process(), output = Pipe()
        // A pipe that nobody reads can fill up, so the second stream goes to a file.
        let errors = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: errors) }
        guard FileManager.default.createFile(atPath: errors.path, contents: nil),
            let sink = FileHandle(forWritingAtPath: errors.path)
        else {
            return nil
        }
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = sink
        do {
            try process.run()
        } catch {
            return nil
        }
        let text = (try? output.fileHandleForReading.readToEnd()).map { String(decoding: $0, as: UTF8.self) } ?? ""
        process.waitUntilExit()
        let isExit = process.terminationReason == .exit
        return Result(
            status: isExit ? process.terminationStatus : 128 + process.terminationStatus, output: text,
            errors: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
    }

    /// Becomes another program that is on `PATH`; returns only if that fails.
    static func become(_ name: String, _ arguments: [String]) {
        guard let path = path(of: name) else {
            return
        }
        // Never freed: either this process is another one then, or it is about to end.
        var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
        words.append(nil)
        // Threads of a pool have most signals blocked, and the other program would inherit that: it could not be ended.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execv(path, words)
    }

    /// Where a program is; `nil` if it is not on `PATH`.
    static func path(of name: String) -> String? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { "\($0)/\(name)" }.first(where: FileManager.default.isExecutableFile)
    }

    /// The absolute path of this program itself.
    static var own: String {
        let path = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return URL(filePath: path).resolvingSymlinksInPath().path
    }
}
