/// The name of one of the files that a model is split into: `model-00001-of-00003.gguf`.
///
/// The engine finds the other files by this name alone. Source: `llama_split_path` in llama.cpp b11434.
package struct GGUFSplitName: Hashable, Sendable {
    /// Which of the files this is, from 1.
    package let number: Int
    /// How many there are.
    package let count: Int
    /// What comes before the numbers.
    private let prefix: String

    /// Reads a path or a file's name; `nil` if it is not of this form.
    package init?(_ name: String) {
        guard let match = name.wholeMatch(of: /(?s)(.+)-(\d{5})-of-(\d{5})\.gguf/),
            let number = Int(match.2), let count = Int(match.3), number >= 1, number <= count
        else {
            return nil
        }
        (prefix, self.number, self.count) = (String(match.1), number, count)
    }

    /// The path of another of the files.
    package func path(ofPart number: Int) -> String {
        "\(prefix)-\(Self.padded(number))-of-\(Self.padded(count)).gguf"
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    }
}
