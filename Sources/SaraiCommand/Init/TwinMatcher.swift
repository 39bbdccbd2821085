/// Finds out which of a server's models a file is too.
struct TwinMatcher {
    /// A model of the server that a file stands in for.
    struct Twin {
        let entry: ServerCatalogue.Entry
        /// Whether it has the same name, size and quantisation: probably the very same weights.
        let isSameFile: Bool
    }

    /// Models of the server that no file has taken.
    private(set) var rest: [ServerCatalogue.Entry]

    /// A matcher for a server's models.
    init(_ entries: [ServerCatalogue.Entry]) {
        rest = entries
    }

    /// Takes the model of the server that is most like a file, if one is like it at all.
    mutating func take(_ model: FoundModel) -> Twin? {
        let ranked = rest.indices.map { (index: $0, likeness: Self.likeness(of: model, to: rest[$0])) }
            .filter { $0.likeness > 0 }
        guard let best = ranked.max(by: { $0.likeness < $1.likeness }) else {
            return nil
        }
        let entry = rest.remove(at: best.index)
        return Twin(entry: entry, isSameFile: Self.isSameFile(model, entry))
    }

    /// 0 means another model. A size that is known must be the same; beyond that a name counts, or, where the server calls it
    /// by a name of its own, its architecture and quantisation.
    static func likeness(of model: FoundModel, to entry: ServerCatalogue.Entry) -> Int {
        let isSameSize = entry.parameters.map { abs($0 - Double(model.parameters)) <= 0.05 * $0 }
        let isSameName = model.name.family != nil && model.name.family == entry.name.family
        let isSameShape = entry.architecture != nil && entry.architecture == model.architecture
        let isSameQuantization = entry.quantization == model.quantization
        switch (isSameSize, isSameName) {
        case (false, _): return 0
        case (_, true): return 4 + (isSameSize == true ? 2 : 0) + (isSameQuantization ? 1 : 0)
        case (true, false) where isSameShape && isSameQuantization: return 2
        default: return 0
        }
    }

    private static func isSameFile(_ model: FoundModel, _ entry: ServerCatalogue.Entry) -> Bool {
        entry.quantization == model.quantization && likeness(of: model, to: entry) > 0
    }
}
