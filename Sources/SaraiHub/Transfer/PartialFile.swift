#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import NIOPosix
import SaraiCore
import SystemPackage

/// A file that is being written: locked, so that one process at a time does.
struct PartialFile: Sendable {
    /// What is added to a file's name while it is not complete.
    static let suffix = ".partial"

    /// Its path.
    let path: String
    private let descriptor: FileDescriptor

    /// Opens or makes a file and runs `body` with it.
    ///
    /// - Parameters:
    ///   - path: the file; a link is not followed.
    ///   - body: uses the file; it must not keep it.
    /// - Returns: what `body` returns.
    /// - Throws: ``HubError`` when the file cannot be opened or another process writes it, and what `body` throws.
    static func with<Result>(_ path: String, _ body: (PartialFile) async throws -> Result) async throws -> Result {
        let file = try open(path)
        do {
            let result = try await body(file)
            try file.descriptor.close()
            return result
        } catch {
            // The first error tells more than one of closing could.
            try? file.descriptor.close()
            throw error
        }
    }

    private static func open(_ path: String) throws(HubError) -> PartialFile {
        let busy = HubError(.busy, "\(path): another process is fetching this file already; wait for it, or end it")
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            // The kernel frees the lock of a process that ends, however it ends.
            guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                try descriptor.close()
                throw busy
            }
            // The one that held the lock may have given the file its final name meanwhile.
            guard let own = inode(of: descriptor.rawValue), own == inode(at: path) else {
                try descriptor.close()
                throw busy
            }
            return PartialFile(path: path, descriptor: descriptor)
        } catch let error as HubError {
            throw error
        } catch {
            throw HubError(.disk, "\(path): cannot be written: \(error)")
        }
    }

    private static func inode(of descriptor: CInt) -> UInt64? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private static func inode(at path: String) -> UInt64? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    /// Gives the file its size; what has not arrived is a hole.
    func setSize(_ size: Int) throws {
        try translatingErrors { try descriptor.resize(to: Int64(size)) }
    }

    /// Writes bytes at a place.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        try translatingErrors {
            var rest = bytes
            while !rest.isEmpty {
                let count = try descriptor.write(
                    toAbsoluteOffset: Int64(offset + bytes.count - rest.count), rest)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Reads bytes at a place; fewer at the end of the file.
    func read(_ count: Int, at offset: Int) throws -> [UInt8] {
        try translatingErrors {
            try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                filled = try descriptor.read(
                    fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    /// Waits until all that was written is on the disk. On a thread of its own, since that may take seconds.
    func synchronize() async throws {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            try translatingErrors {
                guard fsync(descriptor.rawValue) == 0 else {
                    throw Errno(rawValue: errno)
                }
            }
        }
    }

    /// Gives the file its final name, in place of another one that may have it, and makes that durable.
    func rename(to final: String) throws {
        try translatingErrors {
            guard Self.renameFile(path, final) == 0 else {
                throw Errno(rawValue: errno)
            }
            let folder = try FileDescriptor.open(
                FilePath(final).removingLastComponent(), .readOnly, options: [.directory, .closeOnExec])
            try folder.closeAfter {
                // Some file systems cannot do that for folders; the name is there all the same.
                _ = fsync(folder.rawValue)
            }
        }
    }

    private static func renameFile(_ old: String, _ new: String) -> CInt {
        #if canImport(Glibc)
            Glibc.rename(old, new)
        #elseif canImport(Darwin)
            Darwin.rename(old, new)
        #else
            Musl.rename(old, new)
        #endif
    }

    /// Removes the file.
    func remove() {
        // Only a file that somebody else has removed cannot be.
        _ = unlink(path)
    }

    /// Runs `body` and names the file in the system's errors.
    private func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as Errno {
            let advice = error == .noSpace ? ". What has arrived is kept: make room and repeat the command" : ""
            throw HubError(.disk, "\(path): \(error)\(advice)")
        }
    }
}
