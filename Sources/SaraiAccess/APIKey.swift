/// A key that lets a client in, as it is shown once and then forgotten.
package struct APIKey: Sendable {
    /// What the client sends: `sarai-` and ``randomCharacters`` letters and digits.
    package let text: String

    /// 40 of 62 characters are 238 bits: nobody finds them by trying.
    static let randomCharacters = 40
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    /// Makes a new key. `random` must be fit for secrets, as the system's generator is.
    package init(using random: inout some RandomNumberGenerator) {
        text =
            "sarai-"
            + String((0..<Self.randomCharacters).compactMap { _ in Self.alphabet.randomElement(using: &random) })
    }

    /// Makes a new key of the system's random numbers.
    package init() {
        var random = SystemRandomNumberGenerator()
        self.init(using: &random)
    }

    /// The last characters, by which a person tells keys apart: too few of them to be of use to anybody else.
    package var ending: String { String(text.suffix(4)) }
}
