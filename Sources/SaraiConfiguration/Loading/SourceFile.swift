/// A text file that has been read.
package struct SourceFile: Hashable, Sendable {
    /// The path, as messages shall show it.
    package let path: String
    /// The text.
    package let text: String

    /// Bytes of a configuration or `.env` file at most: far above what anyone writes, far below what could hurt.
    package static let maximumSize = 1 << 20

    /// A file by its text.
    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// A file by its bytes.
    ///
    /// - Throws: if there are more than ``maximumSize``, or if they are not UTF-8; the error names the line.
    package init(path: String, bytes: [UInt8]) throws(ConfigurationError) {
        guard bytes.count <= Self.maximumSize else {
            throw ConfigurationError(
                .fileTooLarge, file: path, "the file has \(bytes.count) bytes; a configuration has at most 1 MiB.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let location = SourceLocation(file: path, line: Self.firstInvalidLine(of: bytes))
            let message = "the line is not UTF-8 text. Save the file as UTF-8."
            throw ConfigurationError([Problem(.fileUnreadable, at: .file(location), keyPath: "", message)])
        }
        // A byte order mark is invisible to people and must be to the parsers.
        let isMarked = text.unicodeScalars.first == "\u{FEFF}"
        self.init(path: path, text: isMarked ? String(text.unicodeScalars.dropFirst()) : text)
    }

    /// The folder that holds the file; `.` when the path names none.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else {
            return "."
        }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func firstInvalidLine(of bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return 1 + (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0)
    }
}
