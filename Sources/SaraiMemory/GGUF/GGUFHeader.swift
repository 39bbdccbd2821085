/// What a GGUF file says about itself before its weights begin.
package struct GGUFHeader: Hashable, Sendable {
    /// What errors call the file: its path or URL.
    package let source: String
    /// The version of the format: 2 or 3.
    package let version: Int
    /// Hyper-parameters, vocabulary, templates.
    package let metadata: GGUFMetadata
    /// The tensors, in the file's order.
    package let tensors: [GGUFTensor]
    /// Offsets of tensors are multiples of this. A power of two.
    package let alignment: Int
    /// Where the last announced tensor's description ends.
    package let headerBytes: Int
    /// Where the data section starts.
    package let dataOffset: Int

    /// A header put together by the parser.
    init(
        source: String, version: Int, metadata: GGUFMetadata, tensors: [GGUFTensor], alignment: Int, headerBytes: Int,
        dataOffset: Int
    ) {
        self.source = source
        self.version = version
        self.metadata = metadata
        self.tensors = tensors
        self.alignment = alignment
        self.headerBytes = headerBytes
        self.dataOffset = dataOffset
    }

    /// Reads a header from the first bytes of a file.
    ///
    /// Says nothing about the tensors' data, which may not be here yet: see ``checkTensorData(fileSize:)``.
    ///
    /// - Parameters:
    ///   - bytes: the file from its start, as much of it as is at hand.
    ///   - source: what errors call the file.
    ///   - fileSize: bytes of the whole file, if known; announced lengths are held against it.
    ///   - limits: what is refused as absurd.
    /// - Throws: ``GGUFError/Code/incomplete`` if the header goes on beyond `bytes`.
    package init(
        parsing bytes: [UInt8], source: String, fileSize: Int?, limits: GGUFLimits = GGUFLimits()
    ) throws(GGUFError) {
        var parser = GGUFParser(source: source, bytes: bytes, fileSize: fileSize, limits: limits)
        self = try parser.parse()
    }

    /// Checks that the file holds the data of every tensor.
    ///
    /// - Parameter fileSize: bytes of the whole file.
    /// - Throws: an error that names the first tensor whose data is not there.
    package func checkTensorData(fileSize: Int) throws(GGUFError) {
        for tensor in tensors {
            // Cannot overflow: the parser keeps each part within a quarter of the range.
            let end = dataOffset + tensor.offset + tensor.byteCount
            guard end <= fileSize else {
                throw GGUFError(
                    .truncated,
                    """
                    \(source): tensor '\(tensor.name)': data ends at byte \(end), but the file has \(fileSize) bytes \
                    (truncated? download it again)
                    """)
            }
        }
    }

    /// Bytes that the file has at least: up to the end of the last tensor's data.
    package var fileBytes: Int {
        // Cannot overflow: the parser keeps each part within a quarter of the range.
        tensors.map { dataOffset + $0.offset + $0.byteCount }.max() ?? headerBytes
    }

    /// Bytes that the tensors' data takes.
    package var tensorBytes: Int {
        tensors.reduce(0) { sum, tensor in
            let (next, overflow) = sum.addingReportingOverflow(tensor.byteCount)
            return overflow ? .max : next
        }
    }
}
