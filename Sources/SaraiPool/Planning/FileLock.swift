#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import SystemPackage

/// Lets one process at a time do something.
enum FileLock {
    /// Runs `body` while no other process, nor another task of this one, runs one with the same file.
    ///
    /// The kernel frees the lock of a process that ends, however it ends. Waits for the others: for what takes moments.
    ///
    /// - Parameters:
    ///   - path: an empty file, which is made and stays.
    ///   - body: what one at a time may do.
    /// - Throws: why the file cannot be made, and what `body` throws.
    static func withLock(_ path: String, _ body: () throws -> Void) throws {
        let file = try FileDescriptor.open(
            FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        try file.closeAfter {
            while flock(file.rawValue, LOCK_EX) != 0 {
                guard Errno.interrupted.rawValue == errno else {
                    throw Errno(rawValue: errno)
                }
            }
            try body()
        }
    }
}
