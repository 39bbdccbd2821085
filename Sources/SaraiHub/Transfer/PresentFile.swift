import SystemPackage

/// A file that has its final name, open to be read.
struct PresentFile: Sendable {
    private let descriptor: FileDescriptor
    /// Bytes.
    let size: Int

    /// Opens a file and runs `body` with it.
    ///
    /// - Parameters:
    ///   - path: the file; a link is followed.
    ///   - body: uses the file; it must not keep it.
    /// - Returns: what `body` returns.
    /// - Throws: ``HubError`` when the file cannot be opened, and what `body` throws.
    static func with<Result>(_ path: String, _ body: (PresentFile) async throws -> Result) async throws -> Result {
        let descriptor: FileDescriptor
        do {
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw HubError(.disk, "\(path): cannot be read: \(error)")
        }
        defer {
            // Nothing was written, so closing cannot lose anything.
            try? descriptor.close()
        }
        return try await body(PresentFile(descriptor: descriptor, size: ModelStore.size(of: path)))
    }

    /// A part of it; less at its end.
    func read(_ part: Range<Int>) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: part.count) { buffer, filled in
            filled = try descriptor.read(
                fromAbsoluteOffset: Int64(part.lowerBound), into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
