/// A tensor as a GGUF header announces it.
package struct GGUFTensor: Hashable, Sendable {
    /// `blk.3.attn_q.weight`.
    package let name: String
    /// One to four sizes, the length of a row first.
    package let dimensions: [Int]
    /// How the numbers are stored.
    package let type: GGMLType
    /// Where the data starts, counted from the start of the file's data section.
    package let offset: Int
    /// Bytes of data.
    package let byteCount: Int

    /// How many numbers there are. Cannot overflow: the reader has checked it.
    package var elementCount: Int {
        dimensions.reduce(1, *)
    }
}
