#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import SaraiCore

/// Room on a disk.
enum DiskSpace {
    /// Bytes that stay free, for everybody else on the disk.
    static let reserve = MemorySize.mebibytes(64)

    /// Refuses what would not fit, before a byte of it is fetched.
    ///
    /// - Parameters:
    ///   - needed: bytes that will be written.
    ///   - free: bytes that are free; `nil` if the system does not tell.
    ///   - folder: named in the error.
    /// - Throws: ``HubError`` with what is missing.
    static func check(_ needed: Int, free: Int?, in folder: String) throws(HubError) {
        guard let free, needed > 0 else {
            return
        }
        let total = MemorySize(bytes: needed) + reserve
        guard total.bytes <= free else {
            throw HubError(
                .disk,
                """
                \(folder): \(MemorySize(bytes: needed)) are to be fetched, \(MemorySize(bytes: free)) are free, and \
                \(reserve) must stay free; make room for \(total - MemorySize(bytes: free)). 'sarai models' shows what \
                models take
                """)
        }
    }

    /// Bytes that this user may still write below a folder; `nil` if the system does not tell.
    static func free(at folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            return nil
        }
        let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
            by: Int(clamping: status.f_frsize))
        return overflow ? .max : bytes
    }
}
