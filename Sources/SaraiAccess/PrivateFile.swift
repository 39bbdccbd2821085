#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Foundation
import SystemPackage

/// A small file that decides who may ask, or that is a secret itself.
struct PrivateFile {
    /// Whom the file's contents concern.
    enum Content {
        /// Nobody but the owner may change it.
        case trusted
        /// Nobody but the owner may read it either.
        case secret

        fileprivate var forbidden: mode_t {
            switch self {
            case .trusted: 0o022
            case .secret: 0o077
            }
        }
    }

    /// Absolute path.
    let path: String
    /// What is in it.
    let content: Content

    /// More than any such file has.
    private static let maximumSize = 1 << 20

    /// The file's bytes; `nil` if there is no file.
    ///
    /// - Throws: ``AccessError`` if it cannot be read, or if others may do with it what they must not.
    func read() throws(AccessError) -> Data? {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
            return try file.closeAfter { try read(file) }
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as AccessError {
            throw error
        } catch {
            throw AccessError(.unreadable, "\(path) cannot be read: \(error)")
        }
    }

    private func read(_ file: FileDescriptor) throws -> Data {
        // Of the open file: what is at the path may be another one by now.
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else {
            throw Errno(rawValue: errno)
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw AccessError(.permissions, "\(path) belongs to another user. Make it yours: chown.")
        }
        guard status.st_mode & content.forbidden == 0 else {
            let what = content == .secret ? "read or change" : "change"
            throw AccessError(.permissions, "others may \(what) \(path). Run 'chmod 600 \(path)'.")
        }
        guard status.st_size <= Self.maximumSize else {
            throw AccessError(.unreadable, "\(path) has \(status.st_size) bytes, which no such file has.")
        }
        return try FileHandle(fileDescriptor: file.rawValue, closeOnDealloc: false).readToEnd() ?? Data()
    }

    /// Puts a new file in the place of the old one, in one step: whoever reads sees the one or the other.
    func replace(with data: Data) throws(AccessError) {
        let fresh = path + ".new"
        do {
            // Left behind by somebody who was killed.
            try? FileManager.default.removeItem(atPath: fresh)
            let file = try FileDescriptor.open(
                fresh, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
            try file.closeAfter {
                _ = try file.writeAll(data)
                guard fsync(file.rawValue) == 0 else {
                    throw Errno(rawValue: errno)
                }
            }
            guard rename(fresh, path) == 0 else {
                throw Errno(rawValue: errno)
            }
        } catch {
            throw AccessError(.unwritable, "\(path) cannot be written: \(error)")
        }
    }

    /// Runs `body` while nobody else changes the file.
    func locked<Result>(_ body: () throws(AccessError) -> Result) throws(AccessError) -> Result {
        let lock: FileDescriptor
        do {
            let folder = (path as NSString).deletingLastPathComponent
            if !FileManager.default.fileExists(atPath: folder) {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            lock = try FileDescriptor.open(
                path + ".lock", .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            guard flock(lock.rawValue, LOCK_EX) == 0 else {
                throw Errno(rawValue: errno)
            }
        } catch {
            throw AccessError(.unwritable, "\(path) cannot be locked: \(error)")
        }
        // Closing gives the lock back.
        defer { try? lock.close() }
        return try body()
    }
}
