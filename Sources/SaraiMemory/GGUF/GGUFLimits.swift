/// How much a GGUF header may announce before it is refused, and how much of it is kept.
///
/// A header comes from a download; each number in it is a claim. Real models stay far below these limits (the largest
/// have some thousand tensors and a header of 20 MB), and a reader that holds to them cannot be made to allocate more
/// than a small multiple of the bytes it was given.
package struct GGUFLimits: Hashable, Sendable {
    /// Bytes before the tensor data.
    package var headerBytes = 128 << 20
    /// Tensors in one file.
    package var tensors = 100_000
    /// Files that one model is split into.
    package var parts = 999
    /// Metadata keys in one file.
    package var keys = 65_536
    /// Bytes of one string.
    package var stringBytes = 16 << 20
    /// Bytes of a key. Source: the GGUF specification.
    package var keyBytes = 65_535
    /// Bytes of a tensor's name. Source: `GGML_MAX_NAME` (64, with the final zero) in ggml.h.
    package var tensorNameBytes = 63
    /// Arrays within arrays; 1 is a plain array.
    package var arrayDepth = 2
    /// Elements up to which an array is decoded; of a longer one only type and count are kept.
    ///
    /// Per-layer arrays fit, vocabularies do not: nobody needs a quarter of a million strings to plan memory.
    package var decodedArrayElements = 1024
    /// Elements decoded in all arrays together.
    package var decodedElements = 65_536

    /// The limits for everyday use.
    package init() {}
}
