extension FootprintEstimator {
    /// Bytes of the tensors. The engine maps exactly the tensors' part of the file.
    var weightBytes: Int {
        model.tensorBytes
    }

    /// Bytes that are in memory twice when weights are repacked.
    ///
    /// A model without an output matrix uses its token embeddings for both. Embeddings are looked up row by row and stay
    /// as they are; a matrix to multiply with is repacked, so that a second copy is made.
    var duplicatedOutputBytes: Int {
        guard !model.tensors.contains(where: { $0.name == "output.weight" }) else {
            return 0
        }
        return model.tensors.first { $0.name == "token_embd.weight" }?.byteCount ?? 0
    }
}
