extension GGUFHeader {
    /// The files that the model is split into; 1 for nearly all. A header holds the tensors of its own file only.
    package var splitCount: Int {
        metadata["split.count"]?.intValue ?? 1
    }

    /// Which of the files this is, from 0. Only the first has the hyper-parameters.
    private var splitNumber: Int {
        metadata["split.no"]?.intValue ?? 0
    }

    /// Where the rest of a split model is.
    ///
    /// - Parameters:
    ///   - path: this file's path or name.
    ///   - limits: how many files are refused as absurd.
    /// - Returns: the paths or names of the other files, in their order; none for a model in one file.
    /// - Throws: if this is not the first of them, or not named so that the others can be found.
    package func pathsOfOtherParts(
        of path: String, limits: GGUFLimits = GGUFLimits()
    ) throws(GGUFError) -> [String] {
        guard splitCount != 1 else {
            return []
        }
        guard 1...limits.parts ~= splitCount else {
            throw GGUFError(
                .limitExceeded, "\(source): 'split.count' is \(splitCount); from 1 to \(limits.parts) are possible")
        }
        guard let name = GGUFSplitName(path), name.count == splitCount else {
            throw GGUFError(
                .malformed,
                """
                \(source): one of \(splitCount) files of a model, but its name does not end in '-00001-of-…\
                \(splitCount).gguf', so the others cannot be found; give it its original name back
                """)
        }
        guard splitNumber == 0, name.number == 1 else {
            throw GGUFError(
                .malformed,
                """
                \(source): part \(splitNumber &+ 1) of \(splitCount); name the first one instead: \
                \(name.path(ofPart: 1))
                """)
        }
        return (1..<splitCount).map { name.path(ofPart: $0 + 1) }
    }

    /// One header for a model that is split into several files: this one's metadata and the tensors of all.
    ///
    /// Offsets of tensors count within each file, so the data must have been checked file by file before.
    ///
    /// - Parameter others: the headers of the other files, in their order.
    /// - Returns: the header; this one itself if there are no others.
    /// - Throws: if they are not the parts of one model.
    package func merging(_ others: [GGUFHeader]) throws(GGUFError) -> GGUFHeader {
        guard !others.isEmpty else {
            return self
        }
        var tensors = tensors
        var names = Set(tensors.map(\.name))
        for (index, part) in others.enumerated() {
            guard part.splitCount == splitCount, part.splitNumber == index + 1 else {
                throw GGUFError(
                    .malformed,
                    """
                    \(part.source): part \(part.splitNumber &+ 1) of \(part.splitCount), where part \(index + 2) of \
                    \(splitCount) should be; the files are not of the same model
                    """)
            }
            for tensor in part.tensors where !names.insert(tensor.name).inserted {
                throw GGUFError(.malformed, "\(part.source): tensor '\(tensor.name)' is in another part as well")
            }
            tensors += part.tensors
        }
        if let announced = metadata["split.tensors.count"]?.intValue, announced != tensors.count {
            throw GGUFError(
                .malformed,
                "\(source): 'split.tensors.count' is \(announced), but the parts hold \(tensors.count) tensors")
        }
        return GGUFHeader(
            source: source, version: version, metadata: metadata, tensors: tensors, alignment: alignment,
            headerBytes: headerBytes, dataOffset: dataOffset)
    }
}
