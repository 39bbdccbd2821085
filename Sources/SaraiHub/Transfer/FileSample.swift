/// The parts of a file by which it is told apart from others where nobody says its digest.
///
/// Two models of one kind may be of one size to the byte, but they differ in their weights, which is most of the file.
enum FileSample {
    /// How large a part is.
    static let partSize = 64 << 10
    private static let count = 8

    /// The parts: the first bytes, the last, and some between, evenly apart; of a small file all of it.
    ///
    /// - Parameter size: bytes of the file, above 0.
    /// - Returns: ranges in the file, which do not overlap.
    static func parts(of size: Int) -> [Range<Int>] {
        guard size > count * partSize else {
            return [0..<size]
        }
        return (0..<count).map { index in
            let start = (size - partSize) / (count - 1) * index
            return index == count - 1 ? size - partSize..<size : start..<start + partSize
        }
    }
}
