import SaraiCore

/// Reads the text of `/proc/PID/smaps_rollup` and `/proc/PID/smaps`. Source: proc(5), Documentation/filesystems/proc.rst.
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

    /// Reads the list of mappings and adds them up.
    ///
    /// A mapping of a file counts as mapped, but for the pages that were written to and became private copies.
    ///
    /// - Returns: `nil` if there is no mapping in the text.
    static func mappings(_ text: String) -> MeasuredMemory? {
        var sum = MeasuredMemory(hard: .zero, mapped: .zero)
        var mapping: Mapping?
        for line in text.split(separator: "\n") {
            if let next = Mapping(header: line) {
                mapping?.add(to: &sum)
                mapping = next
            } else if let bytes = ProcFile.kilobytes("Pss", in: line) {
                mapping?.share = bytes
            } else if let bytes = ProcFile.kilobytes("Anonymous", in: line) {
                mapping?.anonymous = bytes
            } else if let bytes = ProcFile.kilobytes("SwapPss", in: line) {
                mapping?.swapped = bytes
            }
        }
        mapping?.add(to: &sum)
        return mapping == nil ? nil : sum
    }

    private struct Mapping {
        let isFile: Bool
        var share = 0, anonymous = 0, swapped = 0

        /// Reads a line like `7f00-7f10 r--p 00000000 fe:00 131 /usr/lib/libc.so.6`; `nil` for any other.
        init?(header line: Substring) {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count >= 5, words[0].contains("-"), words[1].utf8.count == 4, let inode = Int(words[4]) else {
                return nil
            }
            // Shared memory has an inode as well, on a file system that is memory.
            let isShared = words.count > 5 && (words[5].hasPrefix("/dev/shm/") || words[5].hasPrefix("/memfd:"))
            isFile = inode != 0 && !isShared
        }

        func add(to sum: inout MeasuredMemory) {
            let hard = isFile ? min(share, anonymous) : share
            sum.hard.bytes += hard + swapped
            sum.mapped.bytes += share - hard
        }
    }
}
