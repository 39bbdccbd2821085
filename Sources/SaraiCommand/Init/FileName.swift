/// What the name of a model's file says: `solar-10.7b-instruct-v1.0.Q4_K_M.gguf`, and so do the names that servers use:
/// `solar:10.7b`, `upstage/SOLAR-10.7B-Instruct-v1.0`.
struct FileName: Hashable {
    /// Its words in lower case, in order: `solar`, `10.7b`, `instruct`, `v1.0`, `q4`, `k`, `m`.
    let words: [String]

    /// Who made a model, or how it was packed: words that other models' names begin with too.
    private static let common: Set<String> = [
        "meta", "google", "mistralai", "microsoft", "nvidia", "ibm", "the", "mmproj", "model", "ggml",
    ]

    /// Takes a name apart; folders and the ending do not count.
    init(_ text: String) {
        var name = text.split(separator: "/").last.map(String.init) ?? text
        if name.lowercased().hasSuffix(".gguf") {
            name.removeLast(5)
        }
        // A point stands in numbers, and before a quantisation.
        let parts = name.replacing(/\.(?=[A-Za-z])/, with: "-").split { "-_: ".contains($0) }
        words = parts.map { $0.lowercased() }
    }

    /// The word by which people call the model: `solar`, `lfm2`, `qwen2.5`.
    var family: String? {
        words.first { !Self.common.contains($0) && $0.contains(where: \.isLetter) }
    }

    /// The number of weights that the name tells, in units: `10.7b` is 10.7e9.
    var parameters: Double? {
        words.lazy.compactMap(Self.count).first
    }

    /// Reads `10.7b`, `135M`. Thousands stand for tokens of context in names.
    static func count(_ word: String) -> Double? {
        let units: [Character: Double] = ["m": 1e6, "b": 1e9]
        guard let last = word.lowercased().last, let unit = units[last], let number = Double(word.dropLast()) else {
            return nil
        }
        return number * unit
    }

    /// How many words both names have.
    func likeness(to other: FileName) -> Int {
        Set(words).subtracting(Self.common).intersection(other.words).count
    }
}
