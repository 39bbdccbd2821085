import FoundationEssentials

/// A safetensors file: named arrays of 32-bit floats and what their writer said about them. Nothing in it is trusted.
///
/// Eight bytes of length, little-endian; so many bytes of JSON; the data, without gaps. Source:
/// https://huggingface.co/docs/safetensors
struct Safetensors {
    /// What errors call the file.
    let name: String
    /// What the writer said about it.
    let metadata: [String: String]
    private let entries: [String: SafetensorsHeader.Tensor]
    private let data: ArraySlice<UInt8>

    /// An array of floats, row by row.
    struct Tensor {
        let shape: [Int]
        let values: [Float]
    }

    /// No header of ours comes near it.
    private static let largestHeader = 1 << 20

    /// Reads a file and checks that it is whole.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - file: what errors call it.
    ///   - format: what its metadata must have under `format`.
    /// - Throws: what is wrong with the file.
    init(parsing bytes: some Collection<UInt8>, file: String, format: String) throws(RouterFileError) {
        let bytes = Array(bytes)
        guard bytes.count >= 8 else {
            throw RouterFileError(file, "\(bytes.count) bytes are no safetensors file")
        }
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= Self.largestHeader, Int(length) <= bytes.count - 8 else {
            throw RouterFileError(file, "a header of \(length) bytes does not fit a file of \(bytes.count)")
        }
        let start = 8 + Int(length)
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes[8..<start]))
        } catch {
            throw RouterFileError(file, "its header is not that of a safetensors file")
        }
        name = file
        metadata = header.metadata
        entries = header.tensors
        data = bytes[start...]
        guard metadata["format"] == format else {
            throw RouterFileError(file, "its format is '\(metadata["format"] ?? "")', not '\(format)'")
        }
        try checkLayout()
    }

    /// A tensor.
    ///
    /// - Parameters:
    ///   - tensor: its name.
    ///   - expected: its shape; `nil` for a dimension that the file decides.
    /// - Returns: its values, all of them finite.
    /// - Throws: what is wrong with the tensor.
    func tensor(_ tensor: String, _ expected: [Int?]) throws(RouterFileError) -> Tensor {
        guard let entry = entries[tensor] else {
            throw RouterFileError(name, "tensor '\(tensor)' is missing")
        }
        guard entry.shape.count == expected.count,
            zip(entry.shape, expected).allSatisfy({ $0 > 0 && $0 == $1 ?? $0 })
        else {
            let wanted = expected.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw RouterFileError(name, "tensor '\(tensor)' has the shape \(entry.shape), not [\(wanted)]")
        }
        let bytes = data.dropFirst(entry.offsets[0]).prefix(entry.offsets[1] - entry.offsets[0])
        // The file is little-endian, and so is every machine that Swift runs on.
        let values = [Float](unsafeUninitializedCapacity: bytes.count / 4) { values, count in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(values).copyMemory(from: $0) }
            count = values.count
        }
        guard values.allSatisfy(\.isFinite) else {
            throw RouterFileError(name, "tensor '\(tensor)' has values that are no numbers")
        }
        return Tensor(shape: entry.shape, values: values)
    }

    /// Whether there is a tensor of this name.
    func has(_ tensor: String) -> Bool {
        entries[tensor] != nil
    }

    /// Checks that the tensors are of floats, lie one behind the other and fill the file.
    private func checkLayout() throws(RouterFileError) {
        var end = 0
        for (tensor, entry) in entries.sorted(by: { $0.value.offsets.lexicographicallyPrecedes($1.value.offsets) }) {
            guard entry.dtype == "F32" else {
                throw RouterFileError(name, "tensor '\(tensor)' is of \(entry.dtype), not of F32")
            }
            guard entry.offsets.count == 2, entry.offsets[0] == end, (end...data.count).contains(entry.offsets[1]),
                let bytes = Self.bytes(entry.shape), entry.offsets[1] - end == bytes
            else {
                throw RouterFileError(
                    name, "tensor '\(tensor)': its place does not fit its shape or the file (truncated?)")
            }
            end = entry.offsets[1]
        }
        guard end == data.count else {
            throw RouterFileError(name, "\(data.count - end) bytes at its end belong to no tensor")
        }
    }

    /// Bytes of an array of floats; `nil` for a shape that no array has.
    private static func bytes(_ shape: [Int]) -> Int? {
        var bytes = 4
        for dimension in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else {
                return nil
            }
            bytes = product
        }
        return bytes
    }
}
