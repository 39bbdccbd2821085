/// The n-grams of a text, hashed into buckets: sequences of 2 to 5 characters, words, and pairs of words.
struct TextFeatures {
    /// The buckets that the text falls into, each once, in no order.
    private(set) var buckets: [Int] = []
    private var seen: [Bool]

    private static let longestSequence = 5

    /// Finds the buckets of a text.
    ///
    /// - Parameters:
    ///   - text: what the person has written.
    ///   - count: how many buckets there are; a power of two.
    init(_ text: String, buckets count: Int) {
        seen = Array(repeating: false, count: count)
        buckets.reserveCapacity(5 * NormalizedText.length)
        let text = NormalizedText(text)
        addSequences(text)
        addWords(text)
    }

    /// Each sequence's hash is that of the sequence one shorter, continued.
    private mutating func addSequences(_ text: NormalizedText) {
        let prefix = FNV1a("c:")
        let characters = text.offsets.count - 1
        for start in 0..<characters {
            var hash = prefix
            for end in start + 1..<min(start + Self.longestSequence, characters) + 1 {
                hash.add(text.bytes[text.offsets[end - 1]..<text.offsets[end]])
                if end - start > 1 {
                    add(hash)
                }
            }
        }
    }

    private mutating func addWords(_ text: NormalizedText) {
        for word in text.words {
            var hash = FNV1a("w:")
            hash.add(text.bytes[word])
            add(hash)
        }
        for (first, second) in zip(text.words, text.words.dropFirst()) {
            var hash = FNV1a("b:")
            hash.add(text.bytes[first])
            hash.add(UInt8(ascii: " "))
            hash.add(text.bytes[second])
            add(hash)
        }
    }

    private mutating func add(_ hash: FNV1a) {
        let bucket = Int(truncatingIfNeeded: hash.value) & (seen.count - 1)
        if !seen[bucket] {
            seen[bucket] = true
            buckets.append(bucket)
        }
    }
}
