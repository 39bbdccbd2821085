/// The hash FNV-1a of 64 bits: the same in every language, which training and inference need.
struct FNV1a {
    /// The hash of what was added so far.
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of a text, to be continued.
    init(_ text: String) {
        for byte in text.utf8 {
            add(byte)
        }
    }

    /// Adds a byte.
    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    /// Adds bytes.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            add(byte)
        }
    }
}
