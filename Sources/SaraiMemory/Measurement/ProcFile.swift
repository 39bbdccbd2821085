import SystemPackage

/// Reads files of `/proc` and `/sys`: small, made when read, and gone without notice.
enum ProcFile {
    /// The text of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: bytes; little beyond them is read.
    /// - Returns: the text, with replacements for what is not UTF-8.
    /// - Throws: what the operating system says.
    static func read(_ path: FilePath, limit: Int = 16 << 20) throws(Errno) -> String {
        do {
            let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter {
                var bytes: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 16 << 10)
                while bytes.count < limit {
                    let count = try chunk.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                    guard count > 0 else {
                        break
                    }
                    bytes += chunk[..<count]
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        } catch let error as Errno {
            throw error
        } catch {
            // FileDescriptor throws nothing but `Errno`; its signatures do not say so.
            throw Errno.ioError
        }
    }

    /// The figure of a line like `MemTotal:  24602756 kB`, in bytes. Some files have tabs there.
    static func kilobytes(_ key: String, in line: some StringProtocol) -> Int? {
        guard line.hasPrefix(key + ":") else {
            return nil
        }
        let words = line.dropFirst(key.count + 1).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[1] == "kB", let number = words.first.flatMap({ Int($0) }), number >= 0 else {
            return nil
        }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1024)
        return overflow ? nil : bytes
    }

    /// The number after a word, in a text of lines like `oom_kill 3`.
    static func count(_ key: String, in text: String) -> Int? {
        text.split(separator: "\n").lazy.compactMap { line -> Int? in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == key ? Int(words[1]) : nil
        }.first
    }
}
