/// Reads a GGUF header, versions 2 and 3, little-endian, from the first bytes of a file.
///
/// Layout (specification: docs/gguf.md of ggml): magic, version, number of tensors, number of keys; then each key with
/// its type and value; then each tensor's name, sizes, type and offset; then, aligned, the data. Nothing here looks at
/// the data, and nothing trusts a number before it is held against what is left of the file.
struct GGUFParser {
    var cursor: ByteCursor
    let limits: GGUFLimits
    /// Array elements that may still be decoded in this file.
    var decodableElements: Int

    /// A parser at the start of a file.
    init(source: String, bytes: [UInt8], fileSize: Int?, limits: GGUFLimits) {
        cursor = ByteCursor(source: source, bytes: bytes, fileSize: fileSize, limit: limits.headerBytes)
        self.limits = limits
        decodableElements = limits.decodedElements
    }

    /// Reads the whole header.
    mutating func parse() throws(GGUFError) -> GGUFHeader {
        let version = try parseVersion()
        // A tensor takes at least a length, a name of one byte, a number of sizes, one size, a type and an offset.
        let tensorCount = try parseCount("the number of tensors", limit: limits.tensors, minimumBytes: 33)
        // A key takes at least a length, one byte, a type and a value of one byte.
        let keyCount = try parseCount("the number of keys", limit: limits.keys, minimumBytes: 14)
        let metadata = try parseMetadata(count: keyCount)
        let alignment = try parseAlignment(metadata)
        let tensors = try parseTensors(count: tensorCount, alignment: alignment)
        let headerBytes = cursor.offset
        // Cannot overflow: the header ends within its limit, and the alignment is one as well.
        let dataOffset = (headerBytes + alignment - 1) & ~(alignment - 1)
        return GGUFHeader(
            source: cursor.source, version: version, metadata: metadata, tensors: tensors, alignment: alignment,
            headerBytes: headerBytes, dataOffset: dataOffset)
    }

    private mutating func parseVersion() throws(GGUFError) -> Int {
        let magic = try cursor.take(4, "the magic number")
        guard cursor.bytes[magic].elementsEqual("GGUF".utf8) else {
            let found = cursor.bytes[magic].map { 0x21...0x7E ~= $0 ? String(UnicodeScalar($0)) : "?" }.joined()
            throw cursor.fault(.notGGUF, "not a GGUF file: it starts with '\(found)', not with 'GGUF'", at: 0)
        }
        let version: UInt32 = try cursor.integer("the version")
        guard version & 0xFFFF != 0 || version == 0 else {
            throw cursor.fault(
                .unsupported, "a big-endian GGUF file; Sarai reads little-endian ones, convert it or download another",
                at: 4)
        }
        guard version == 2 || version == 3 else {
            throw cursor.fault(.unsupported, "GGUF version \(version); versions 2 and 3 are supported", at: 4)
        }
        return Int(version)
    }

    /// Reads how many of something there are, and holds it against the limit and the bytes that are left.
    private mutating func parseCount(
        _ field: String, limit: Int, minimumBytes: Int
    ) throws(GGUFError) -> Int {
        let start = cursor.offset
        let count = try cursor.count(limit: limit, field)
        guard count <= cursor.remaining / minimumBytes else {
            throw cursor.fault(
                .truncated, "\(field) is \(count), more than fit in the \(cursor.remaining) bytes that follow",
                at: start)
        }
        return count
    }

    private func parseAlignment(_ metadata: GGUFMetadata) throws(GGUFError) -> Int {
        guard let value = metadata["general.alignment"] else {
            return 32
        }
        guard let alignment = value.intValue, alignment > 0, alignment & (alignment - 1) == 0,
            alignment <= limits.headerBytes
        else {
            throw GGUFError(
                .malformed, "\(cursor.source): 'general.alignment' is \(value.summary), which is not a power of two")
        }
        return alignment
    }
}
