import Foundation

/// The program that a worker is.
package struct WorkerCommand: Hashable, Sendable {
    /// Path of the program, and its arguments.
    package let arguments: [String]
    /// Variables that the program needs beside those of every worker.
    package let environment: [String: String]
    /// What it interprets, where it is an interpreter.
    package let script: Script?

    /// A command.
    package init(arguments: [String], environment: [String: String] = [:], script: Script? = nil) {
        self.arguments = arguments
        self.environment = environment
        self.script = script
    }

    /// A file that is there for as long as the worker runs.
    package struct Script: Hashable, Sendable {
        /// Where it is put.
        package let path: String
        private let content: [UInt8]

        /// A script.
        package init(path: String, content: [UInt8]) {
            self.path = path
            self.content = content
        }

        /// Puts the file there, for this user alone.
        func write() throws {
            try? FileManager.default.removeItem(atPath: path)
            guard
                FileManager.default.createFile(
                    atPath: path, contents: Data(content), attributes: [.posixPermissions: 0o600])
            else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
            }
        }
    }
}
