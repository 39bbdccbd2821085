import SaraiCore

/// Reads the text of `/proc/PID/smaps_rollup` and `/proc/PID/smaps`. Source: proc(5),
/// Documentation/filesystems/proc.rst.
enum Smaps {
    /// Reads a rollup: one sum per kind for the whole process.
    ///
    /// - Returns: `nil` where the kernel (before 5.4) does not tell anonymous pages from those of files.
    static func rollup(_ text: String) -> MeasuredMemory? {
        var anonymous: Int?, file: Int?
        var shared = 0, swapped = 0
        for line in text.split(separator: "\n") {
            if let bytes = ProcFile.kilobytes("Pss_Anon", in: line) {
                anonymous = bytes
            } else if let bytes = ProcFile.kilobytes("Pss_File", in: line) {
                file = bytes
            } else if let bytes = ProcFile.kilobytes("Pss_Shmem", in: line) {
                shared = bytes
            } else if let bytes = ProcFile.kilobytes("SwapPss", in: line) {
                swapped = bytes
            }
        }
        guard let anonymous, let file else {
            return nil
        }
        return MeasuredMemory(
            hard: MemorySize(bytes: anonymous + shared + swapped), mapped: MemorySize(bytes: file))
    }

    /// Reads the list of mappings and adds them up by kind.
    ///
    /// A mapping of a file counts as such, but for the pages that were written to and became private copies.
    ///
    /// - Parameters:
    ///   - text: the text of `smaps`.
    ///   - models: paths of the model's files, free of symbolic links.
    /// - Returns: `nil` if there is no mapping in the text.
    static func mappings(_ text: String, models: Set<String> = []) -> WorkerMemory? {
        var sum = WorkerMemory(modelFiles: .zero, anonymous: .zero, program: .zero)
        var mapping: Mapping?
        for line in text.split(separator: "\n") {
            if let next = Mapping(header: line) {
                mapping?.add(to: &sum, models: models)
                mapping = next
            } else if let bytes = ProcFile.kilobytes("Pss", in: line) {
                mapping?.share = bytes
            } else if let bytes = ProcFile.kilobytes("Anonymous", in: line) {
                mapping?.anonymous = bytes
            } else if let bytes = ProcFile.kilobytes("SwapPss", in: line) {
                mapping?.swapped = bytes
            }
        }
        mapping?.add(to: &sum, models: models)
        return mapping == nil ? nil : sum
    }

    private struct Mapping {
        /// The file; `nil` for memory.
        let file: String?
        var share = 0, anonymous = 0, swapped = 0

        /// Reads a line like `7f00-7f10 r--p 00000000 fe:00 131 /usr/lib/libc.so.6`; `nil` for any other.
        init?(header line: Substring) {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count >= 5, words[0].contains("-"), words[1].utf8.count == 4, let inode = Int(words[4]) else {
                return nil
            }
            let path = words.count > 5 ? String(words[5].drop { $0 == " " }) : ""
            // Shared memory has an inode as well, on a file system that is memory.
            let isShared = path.hasPrefix("/dev/shm/") || path.hasPrefix("/memfd:")
            // The kernel says so of a file that was replaced while the model is loaded.
            let replaced = " (deleted)"
            let name = path.hasSuffix(replaced) ? String(path.dropLast(replaced.count)) : path
            file = inode != 0 && !isShared ? name : nil
        }

        func add(to sum: inout WorkerMemory, models: Set<String>) {
            let hard = file == nil ? share : min(share, anonymous)
            sum.anonymous.bytes += hard + swapped
            if let file, models.contains(file) {
                sum.modelFiles.bytes += share - hard
            } else {
                sum.program.bytes += share - hard
            }
        }
    }
}
