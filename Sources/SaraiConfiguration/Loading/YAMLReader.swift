import Yams

/// Turns YAML text into ``SourceValue``s, each with its place. The only file that knows Yams.
enum YAMLReader {
    /// The value of the file's one document.
    ///
    /// - Throws: if the text is not YAML; then nothing else can be said about the file.
    static func read(_ file: SourceFile) throws(ConfigurationError) -> SourceValue {
        let root: Node?
        do {
            root = try Yams.compose(yaml: file.text, .default, .default, .utf8)
        } catch {
            throw ConfigurationError([problem(with: error, in: file)])
        }
        guard let root else {
            throw ConfigurationError(
                .missingKey, file: file.path, "the file is empty. A configuration has at least one model: see 'models'."
            )
        }
        var builder = Builder(file: file.path)
        let value = builder.value(of: root, depth: 0)
        guard let problem = builder.problem else {
            return value
        }
        throw ConfigurationError([problem])
    }

    /// Converts nodes. Aliases are followed, so there is a limit: nine lines of YAML can stand for a billion nodes.
    private struct Builder {
        let file: String
        var problem: Problem?
        private var nodesLeft = 100_000
        private static let maximumDepth = 64

        init(file: String) {
            self.file = file
        }

        mutating func value(of node: Node, depth: Int) -> SourceValue {
            let origin = origin(of: node)
            nodesLeft -= 1
            guard nodesLeft > 0, depth < Self.maximumDepth else {
                let message = "the file has too many values, or they are nested too deeply."
                problem = problem ?? Problem(.yamlSyntax, at: origin, keyPath: "", message)
                return SourceValue(.list([]), at: origin)
            }
            switch node {
            case .scalar(let scalar):
                return SourceValue(.scalar(scalar.string, isPlain: scalar.style == .plain), at: origin)
            case .sequence(let sequence):
                return SourceValue(.list(sequence.map { value(of: $0, depth: depth + 1) }), at: origin)
            case .mapping(let mapping):
                return SourceValue(.mapping(entries(of: mapping, depth: depth)), at: origin)
            case .alias:
                // Yams replaces aliases by what they stand for while it composes.
                return SourceValue(.scalar("", isPlain: true), at: origin)
            }
        }

        /// The entries of a mapping; those that `<<` merges in come last and only where the mapping has no such key.
        private mutating func entries(of mapping: Node.Mapping, depth: Int) -> [SourceValue.Entry] {
            var entries: [SourceValue.Entry] = []
            var merged: [SourceValue.Entry] = []
            for (key, node) in mapping {
                guard case .scalar(let name) = key else {
                    let message =
                        "a key must be a name, not a list or a mapping. If a text begins with '{', put it in quotes."
                    problem = problem ?? Problem(.yamlSyntax, at: origin(of: key), keyPath: "", message)
                    continue
                }
                let value = value(of: node, depth: depth + 1)
                if name.string == "<<", name.style == .plain {
                    merged += Self.mergedEntries(of: value)
                } else {
                    entries.append(.init(key: name.string, keyOrigin: origin(of: key), value: value))
                }
            }
            for entry in merged where !entries.contains(where: { $0.key == entry.key }) {
                entries.append(entry)
            }
            return entries
        }

        private static func mergedEntries(of value: SourceValue) -> [SourceValue.Entry] {
            switch value.content {
            case .mapping(let entries): entries
            case .list(let values): values.flatMap(mergedEntries)
            case .scalar: []
            }
        }

        private func origin(of node: Node) -> Origin {
            .file(SourceLocation(file: file, line: node.mark?.line, column: node.mark?.column))
        }
    }
}
