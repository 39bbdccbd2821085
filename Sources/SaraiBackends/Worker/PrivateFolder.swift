#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import Foundation
package import SystemPackage

/// Folders that this user alone can look into.
package enum PrivateFolder {
    /// Makes a folder, and those above it, unless it is there; in either case nobody else can open it afterwards.
    ///
    /// - Parameter path: absolute.
    /// - Throws: why that is not possible.
    package static func make(_ path: String) throws(FolderUnusable) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            // An existing folder keeps its permissions through the call above.
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        } catch {
            throw FolderUnusable(path: path, reason: reason(path))
        }
    }

    /// Why a folder cannot be made: Foundation's errors do not tell, so the system is asked for the first that is missing.
    private static func reason(_ path: String) -> Errno {
        var missing = path as NSString
        while missing.length > 1, !FileManager.default.fileExists(atPath: missing.deletingLastPathComponent) {
            missing = missing.deletingLastPathComponent as NSString
        }
        return mkdir(missing as String, 0o700) == 0 ? .permissionDenied : Errno(rawValue: errno)
    }
}

/// A folder that the daemon writes to cannot be made.
package struct FolderUnusable: Error, CustomStringConvertible {
    /// The folder.
    package let path: String
    /// What the system says.
    package let reason: Errno

    package var description: String {
        """
        the folder \(path) cannot be used: \("\(reason)".lowercased()). Make it a folder that you can write to, or set \
        SARAI_HOME to one.
        """
    }
}
