#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import CSaraiSystem
package import SaraiCore
package import SystemPackage

/// What the page cache of the operating system holds of one file.
///
/// Weights that are mapped live here. They stay after the worker has ended, until something else wants the memory or
/// somebody releases them.
package enum PageCache {
    /// The part of a file that is cached, whoever brought it there.
    ///
    /// Asks by cachestat(2), which costs some microseconds; where the kernel (before 6.5) has no such call, maps the
    /// file and asks by mincore(2). Both tell the truth only to the file's owner, or to someone who may write it.
    ///
    /// - Parameter file: path of a file.
    /// - Returns: whole pages, so up to a page more than the file is long.
    /// - Throws: if the file cannot be opened, or the user may not ask.
    package static func cached(_ file: FilePath) throws(MeasurementError) -> MemorySize {
        try withFile(file) { descriptor throws(Errno) in
            var pages: UInt64 = 0
            switch Errno(rawValue: sarai_cached_pages(descriptor.rawValue, &pages)) {
            case Errno(rawValue: 0): return MemorySize(bytes: Int(clamping: pages) * pageSize)
            case .noFunction: return try mapped(descriptor)
            case let error: throw error
            }
        }
    }

    /// Drops what is cached of a file.
    ///
    /// Three kinds of pages stay: those that any process has mapped, those that were written and are not yet on disk,
    /// and those that are just being read.
    ///
    /// - Parameter file: path of a file.
    /// - Returns: what is still cached.
    /// - Throws: if the file cannot be opened, or the user may not ask what is left.
    @discardableResult
    package static func release(_ file: FilePath) throws(MeasurementError) -> MemorySize {
        try withFile(file) { descriptor throws(Errno) in
            #if os(Linux)
                // A length of 0 means the rest of the file.
                let error = posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_DONTNEED)
                guard error == 0 else {
                    throw Errno(rawValue: error)
                }
            #endif
        }
        return try cached(file)
    }

    /// Counts the resident pages of a file through a mapping of it, which does not make any page resident.
    static func mapped(_ descriptor: FileDescriptor) throws(Errno) -> MemorySize {
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0 else {
            throw Errno(rawValue: errno)
        }
        // To anybody else, mincore says that every page is resident.
        guard status.st_uid == geteuid() || geteuid() == 0 else {
            throw .notPermitted
        }
        let length = Int(status.st_size)
        guard length > 0 else {
            return .zero
        }
        guard let address = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor.rawValue, 0), address != MAP_FAILED
        else {
            throw Errno(rawValue: errno)
        }
        defer { munmap(address, length) }
        var residency = [UInt8](repeating: 0, count: (length + pageSize - 1) / pageSize)
        guard mincore(address, length, &residency) == 0 else {
            throw Errno(rawValue: errno)
        }
        // Only the lowest bit has a meaning.
        return MemorySize(bytes: residency.count { $0 & 1 == 1 } * pageSize)
    }

    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    private static func withFile<Result>(
        _ file: FilePath, _ body: (FileDescriptor) throws(Errno) -> Result
    ) throws(MeasurementError) -> Result {
        do {
            let descriptor = try FileDescriptor.open(file, .readOnly, options: .closeOnExec)
            return try descriptor.closeAfter { try body(descriptor) }
        } catch let error as Errno {
            let code: MeasurementError.Code =
                error == .notPermitted || error == .permissionDenied ? .notPermitted : .unavailable
            throw MeasurementError(
                code, "what is cached of \(file) cannot be told: \(error)", cause: error.description)
        } catch {
            throw MeasurementError(.unavailable, "what is cached of \(file) cannot be told: \(error)")
        }
    }
}
