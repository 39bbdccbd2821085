/// A repository of a model hub: `ORG/REPO`.
public struct HubRepository: Hashable, Sendable, CustomStringConvertible {
    /// Which of a repository's models is meant.
    public enum Wanted: Hashable, Sendable {
        /// The one that suits most machines.
        case best
        /// The one with this quantisation: `Q4_K_M`.
        case quantization(String)
        /// This file, by its path in the repository.
        case file(String)
    }

    /// Who keeps it.
    public let owner: String
    /// Its name.
    public let name: String

    /// `ORG/REPO`.
    public var description: String { "\(owner)/\(name)" }

    /// Reads `ORG/REPO`, `ORG/REPO:QUANT` or `ORG/REPO/FILE.gguf`.
    ///
    /// - Parameters:
    ///   - path: what follows the hub's host.
    ///   - whole: the whole text, for the error.
    /// - Returns: the repository and what is wanted of it.
    /// - Throws: what is wrong with the text.
    static func parse(
        _ path: Substring, in whole: String
    ) throws(InvalidModelSource) -> (HubRepository, Wanted) {
        let components = path.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard components.count >= 2 else {
            throw InvalidModelSource(whole, nil)
        }
        let last = components[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard SafeName.isComponent(components[0]), SafeName.isComponent(last[0]) else {
            throw InvalidModelSource(whole, "ORG and REPO are made of \(SafeName.rule)")
        }
        let repository = HubRepository(owner: components[0], name: last[0])
        switch (components.count, last.count) {
        case (2, 1): return (repository, .best)
        case (2, _):
            // Ollama's clients add this tag to every name that has none.
            if last[1] == "latest" {
                return (repository, .best)
            }
            guard SafeName.isComponent(last[1]), last[1].utf8.count <= 32 else {
                throw InvalidModelSource(whole, "behind ':' stands a quantisation such as Q4_K_M")
            }
            return (repository, .quantization(last[1]))
        case (_, 1):
            guard SafeName.isFile(components[2]) else {
                throw InvalidModelSource(
                    whole, "the file's path ends in .gguf and each part of it is made of \(SafeName.rule)")
            }
            return (repository, .file(components[2]))
        default:
            throw InvalidModelSource(whole, "either a quantisation or a file")
        }
    }
}
