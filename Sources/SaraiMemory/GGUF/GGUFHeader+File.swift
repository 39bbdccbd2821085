package import SystemPackage

extension GGUFHeader {
    /// Reads and checks the header of a file, and that the file is as long as its tensors need.
    ///
    /// Reads a few megabytes at most, never the weights. Pages are read rather than mapped: a file that shrinks under a
    /// mapping kills the process. Of a model that is split into several files, all are read.
    ///
    /// - Parameters:
    ///   - path: the file, or the first of several; errors call it that.
    ///   - limits: what is refused as absurd.
    /// - Returns: the header, with the tensors of all files.
    /// - Throws: an error that names the file, the field and the place.
    package static func read(_ path: FilePath, limits: GGUFLimits = GGUFLimits()) throws(GGUFError) -> GGUFHeader {
        try read(file: path.string, limits: limits)
    }

    /// Reads and checks the header of the file at `path`; see ``read(_:limits:)``.
    static func read(file path: String, limits: GGUFLimits = GGUFLimits()) throws(GGUFError) -> GGUFHeader {
        let parts = try readParts(file: path, limits: limits)
        for (header, fileSize) in parts {
            try header.checkTensorData(fileSize: fileSize)
        }
        return try merged(parts)
    }

    /// Reads the header of a file that may not be complete, such as a download that goes on.
    ///
    /// - Parameters:
    ///   - path: the file, or the first of several; errors call it that.
    ///   - limits: what is refused as absurd.
    /// - Returns: the header; bytes of the files that are there, and bytes that there must be in the end.
    /// - Throws: an error that names the file, the field and the place; the header itself must be complete.
    package static func readPartial(
        _ path: FilePath, limits: GGUFLimits = GGUFLimits()
    ) throws(GGUFError) -> (header: GGUFHeader, present: Int, needed: Int) {
        try readPartial(file: path.string, limits: limits)
    }

    /// Reads the header of the file at `path`, whole or not; see ``readPartial(_:limits:)``.
    static func readPartial(
        file path: String, limits: GGUFLimits = GGUFLimits()
    ) throws(GGUFError) -> (header: GGUFHeader, present: Int, needed: Int) {
        let parts = try readParts(file: path, limits: limits)
        let present = parts.reduce(0) { $0.saturating(plus: $1.fileSize) }
        // A file may be padded behind its last tensor.
        let needed = parts.reduce(0) { $0.saturating(plus: max($1.fileSize, $1.header.fileBytes)) }
        return (try merged(parts), present, needed)
    }

    private typealias Part = (header: GGUFHeader, fileSize: Int)

    private static func merged(_ parts: [Part]) throws(GGUFError) -> GGUFHeader {
        try parts[0].header.merging(parts.dropFirst().map(\.header))
    }

    /// The headers of all files of a model; the first is always there.
    private static func readParts(file path: String, limits: GGUFLimits) throws(GGUFError) -> [Part] {
        let first = try readPart(path, limits: limits)
        var parts = [first]
        for other in try first.header.pathsOfOtherParts(of: path, limits: limits) {
            parts.append(try readPart(other, limits: limits))
        }
        return parts
    }

    private static func readPart(_ path: String, limits: GGUFLimits) throws(GGUFError) -> Part {
        let descriptor: FileDescriptor
        do {
            // Without `nonBlocking` a pipe at this path would hold the caller until someone writes to it.
            descriptor = try FileDescriptor.open(FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
        } catch {
            throw unreadable(path, "cannot be opened", error)
        }
        defer {
            // Nothing was written, so closing cannot lose anything.
            try? descriptor.close()
        }
        let fileSize = try size(of: descriptor, source: path)
        return (try read(descriptor, fileSize: fileSize, source: path, limits: limits), fileSize)
    }

    private static func size(of descriptor: FileDescriptor, source: String) throws(GGUFError) -> Int {
        do {
            let status = try descriptor.stat()
            guard status.type == .regular else {
                throw GGUFError(.unreadable, "\(source): not a regular file")
            }
            return Int(status.size)
        } catch let error as GGUFError {
            throw error
        } catch {
            throw unreadable(source, "cannot be examined", error)
        }
    }

    /// Parses ever longer prefixes of the file, since only the parser knows where the header ends.
    private static func read(
        _ descriptor: FileDescriptor, fileSize: Int, source: String, limits: GGUFLimits
    ) throws(GGUFError) -> GGUFHeader {
        var wanted = 2 << 20
        while true {
            let bytes = try prefix(of: descriptor, count: min(wanted, fileSize), source: source)
            // A file that shrank meanwhile ends where reading did.
            let end = bytes.count < min(wanted, fileSize) ? bytes.count : fileSize
            do {
                return try GGUFHeader(parsing: bytes, source: source, fileSize: end, limits: limits)
            } catch {
                guard error.code == .incomplete else {
                    throw error
                }
                wanted = max(wanted * 4, error.neededBytes ?? 0)
            }
        }
    }

    /// The first `count` bytes of the file, fewer if it ends before.
    private static func prefix(
        of descriptor: FileDescriptor, count: Int, source: String
    ) throws(GGUFError) -> [UInt8] {
        do {
            return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let read = try descriptor.read(fromAbsoluteOffset: Int64(filled), into: rest)
                    guard read > 0 else {
                        return
                    }
                    filled += read
                }
            }
        } catch {
            throw unreadable(source, "cannot be read", error)
        }
    }

    private static func unreadable(_ source: String, _ what: String, _ cause: any Error) -> GGUFError {
        GGUFError(.unreadable, "\(source): \(what): \(cause)", cause: "\(cause)")
    }
}
