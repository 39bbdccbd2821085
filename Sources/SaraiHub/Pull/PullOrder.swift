package import SaraiCore

/// What a pull will bring, and where to; nothing of it is fetched yet.
package struct PullOrder: Hashable, Sendable {
    /// What was asked for.
    package let source: ModelSource
    /// The files: the model's first, in the order in which the engine names them, then the projector.
    package let items: [PullItem]
    /// Why these, a sentence each, for a person.
    package let reasons: [String]

    /// Bytes of all files; `nil` where a server has still to tell.
    package var size: Int? {
        let sizes = items.compactMap(\.size)
        return sizes.count == items.count ? sizes.reduce(0, +) : nil
    }

    /// The order without a projector.
    package var withoutProjector: PullOrder {
        PullOrder(
            source: source, items: items.filter { $0.kind != .projector }, reasons: Array(reasons.prefix(1)))
    }

    /// The model's file, or the first of several.
    package var model: PullItem { items[0] }

    /// The projector's file.
    package var projector: PullItem? {
        items.first { $0.kind == .projector }
    }
}

/// Where the files of a pull go.
package enum PullDestination: Hashable, Sendable {
    /// Below the folder of models: `ORG/REPO/FILE.gguf`, so that files of the same name from two repositories keep apart.
    case folder(String)
    /// Where a configuration expects them; without a path for the projector none is fetched.
    case paths(gguf: String, mmproj: String?)
}
