/// Where the files of a model come from, as people write it.
///
/// `hf.co/ORG/REPO`, `hf.co/ORG/REPO:Q4_K_M`, `hf.co/ORG/REPO/FILE.gguf` or `https://HOST/…/FILE.gguf`; `#sha256=…` behind
/// one that names a file says what its bytes must be.
public struct ModelSource: Hashable, Sendable {
    /// Where to look.
    public enum Place: Hashable, Sendable {
        /// A repository of the hub that the configuration names.
        case hub(HubRepository, HubRepository.Wanted)
        /// The address of a file, without a fragment.
        case url(String)
    }

    /// Where to look.
    public let place: Place
    /// What the file's bytes must be; `nil` trusts what the server says of them.
    public let digest: FileDigest?

    /// What messages say that a source looks like.
    package static let noun = "hf.co/ORG/REPO, hf.co/ORG/REPO:QUANT, hf.co/ORG/REPO/FILE.gguf or https://HOST/FILE.gguf"

    /// A source whose parts are known.
    package init(_ place: Place, digest: FileDigest? = nil) {
        self.place = place
        self.digest = digest
    }

    /// Reads a source.
    ///
    /// - Throws: what is wrong with the text, and what it should look like.
    public init(parsing text: String) throws(InvalidModelSource) {
        let (body, fragment) = Self.split(text, at: "#")
        if let fragment {
            guard fragment.hasPrefix("sha256="), let digest = FileDigest(fragment.dropFirst(7)) else {
                throw InvalidModelSource(text, "behind '#' stands sha256= and 64 hexadecimal digits")
            }
            self.digest = digest
        } else {
            digest = nil
        }
        if Self.isHub(body) {
            let path = body.drop { $0 != "/" }.dropFirst()
            let (repository, wanted) = try HubRepository.parse(path, in: text)
            if digest != nil {
                guard case .file = wanted else {
                    throw InvalidModelSource(text, "a sha256 goes with one file: name it, hf.co/ORG/REPO/FILE.gguf")
                }
            }
            place = .hub(repository, wanted)
        } else {
            place = .url(try Self.url(body, in: text))
        }
    }

    /// Whether a text means a repository of the hub, rather than a model's name or an address.
    package static func isHub(_ text: some StringProtocol) -> Bool {
        hubHosts.contains { text.hasPrefix($0 + "/") }
    }

    private static let hubHosts = ["hf.co", "huggingface.co"]

    private static func split(_ text: String, at mark: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: mark) else {
            return (text, nil)
        }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }

    /// The address of a file, if it is one whose name may become a file's name here.
    private static func url(_ text: String, in whole: String) throws(InvalidModelSource) -> String {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        let rest = text.dropFirst(scheme.utf8.count)
        guard scheme == "https" || scheme == "http", rest.hasPrefix("://") else {
            throw InvalidModelSource(whole, nil)
        }
        let isPlain = text.utf8.allSatisfy { $0 > 32 && $0 < 127 } && !text.contains { "\"\\<>`{|}^".contains($0) }
        let host = rest.dropFirst(3).prefix { !"/?".contains($0) }
        guard isPlain, !host.isEmpty, !host.contains("@") else {
            throw InvalidModelSource(whole, "the address is malformed, or holds a user or a password")
        }
        let path = rest.dropFirst(3 + host.count).prefix { $0 != "?" }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard SafeName.isComponent(name), SafeName.isGGUF(name) else {
            throw InvalidModelSource(
                whole, "the address must end with the name of a GGUF file, made of \(SafeName.rule)")
        }
        return text
    }
}

extension ModelSource: CustomStringConvertible {
    /// The source as it would be written in a configuration. Of an address without the query, which may hold a signature.
    public var description: String {
        let suffix = digest.map { "#sha256=\($0.hex)" } ?? ""
        switch place {
        case .hub(let repository, .best): return "hf.co/\(repository)" + suffix
        case .hub(let repository, .quantization(let name)): return "hf.co/\(repository):\(name)" + suffix
        case .hub(let repository, .file(let path)): return "hf.co/\(repository)/\(path)" + suffix
        case .url(let text): return String(text.prefix { $0 != "?" }) + suffix
        }
    }
}

/// Why a text is no ``ModelSource``.
public struct InvalidModelSource: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and what to write instead.
    public let description: String

    /// An error about a text; `reason` is what is wrong in particular.
    init(_ text: String, _ reason: String?) {
        let shown = text.contains("@") ? "a source with '@'" : "'\(text.prefix(200))'"
        description = "expected \(ModelSource.noun), found \(shown)" + (reason.map { ": \($0)" } ?? "") + "."
    }
}
