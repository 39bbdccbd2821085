import Foundation
import SystemPackage

/// A file of random bytes that are on the disk, so that its cached pages may be dropped.
struct ScratchFile {
    let path: FilePath

    /// Writes the file and waits for the disk.
    init(in folder: String, megabytes: Int) throws {
        path = FilePath("\(folder)/scratch-\(UUID().uuidString)")
        let descriptor = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        try descriptor.closeAfter {
            for _ in 0..<megabytes {
                try descriptor.writeAll(
                    (0..<(1 << 17)).flatMap { _ in
                        withUnsafeBytes(of: UInt64.random(in: 0...UInt64.max), Array.init)
                    })
            }
            guard fsync(descriptor.rawValue) == 0 else {
                throw Errno(rawValue: errno)
            }
        }
    }

    /// Reads all of it.
    func readThrough() throws {
        _ = try Data(contentsOf: URL(filePath: path.string))
    }

    /// Maps the whole file, touches every page, and unmaps it after `body`.
    func whileMapped(_ body: () throws -> Void) throws {
        let data = try Data(contentsOf: URL(filePath: path.string), options: .alwaysMapped)
        let sum = stride(from: 0, to: data.count, by: 4096).reduce(0) { $0 &+ Int(data[$1]) }
        try withExtendedLifetime((data, sum)) { try body() }
    }
}
