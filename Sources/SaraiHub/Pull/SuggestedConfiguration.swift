import SaraiCore
package import SaraiMemory

/// The lines of a configuration that make a model usable that was fetched without being configured.
package struct SuggestedConfiguration: Hashable, Sendable {
    /// The name that clients would use.
    package let name: String
    /// The lines, each with a newline.
    package let yaml: String

    /// The lines for files that are there.
    ///
    /// - Parameters:
    ///   - order: what was fetched.
    ///   - header: of the model.
    ///   - data: the data folder, in which relative paths start.
    package init(_ order: PullOrder, header: GGUFHeader?, data: String) {
        name = Self.name(of: order)
        func path(_ item: PullItem) -> String {
            item.path.hasPrefix(data + "/") ? String(item.path.dropFirst(data.count + 1)) : item.path
        }
        var lines = ["models:", "  \(name):"]
        if header?.isEmbeddingModel == true {
            lines.append("    role: embedding")
        }
        lines += ["    backend: gguf_native", "    gguf: \(path(order.model))"]
        if let projector = order.projector {
            lines.append("    mmproj: \(path(projector))")
        }
        lines.append("    source: \(order.source)")
        yaml = lines.map { $0 + "\n" }.joined()
    }

    /// The repository's name, or the file's, without what names of such usually end in.
    private static func name(of order: PullOrder) -> String {
        let text =
            switch order.source.place {
            case .hub(let repository, _): repository.name
            case .url: String(order.model.name.dropLast(".gguf".count))
            }
        return text.lowercased().replacing(/[-_.]gguf$/, with: "").replacing("+", with: "-")
    }
}
