#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
package import SystemPackage

/// Makes and removes cgroups, which are folders of a file system whose files the kernel makes.
package struct ControlGroupFolders: Sendable {
    /// Makes a group below an existing one.
    package var make: @Sendable (FilePath) throws(Errno) -> Void
    /// Removes a group without processes. The kernel does not mind the files in it.
    package var remove: @Sendable (FilePath) throws(Errno) -> Void

    /// Other ways to make and remove.
    package init(
        make: @escaping @Sendable (FilePath) throws(Errno) -> Void,
        remove: @escaping @Sendable (FilePath) throws(Errno) -> Void
    ) {
        self.make = make
        self.remove = remove
    }

    /// As the kernel wants it.
    package static let kernel = ControlGroupFolders(
        make: { path throws(Errno) in
            guard path.withPlatformString({ mkdir($0, 0o755) }) == 0 else {
                throw Errno(rawValue: errno)
            }
        },
        remove: { path throws(Errno) in
            guard path.withPlatformString({ rmdir($0) }) == 0 else {
                throw Errno(rawValue: errno)
            }
        })
}
