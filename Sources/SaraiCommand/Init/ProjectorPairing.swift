/// Gives each projector to the model that it was made for.
struct ProjectorPairing {
    /// A model, and the projector that goes with it.
    struct Pair {
        let model: FoundModel
        var projector: FoundModel?
    }

    /// The models, in the order in which they came.
    private(set) var models: [Pair]
    /// The projectors that fit none.
    private(set) var left: [FoundModel] = []

    /// Pairs files. Of several projectors for one model the smallest is taken.
    init(_ files: [FoundModel]) {
        models = files.filter { !$0.isProjector }.map { Pair(model: $0) }
        for projector in files.filter(\.isProjector).sorted(by: { $0.size < $1.size }) {
            let free = models.indices.filter { models[$0].projector == nil }
            let ranked = free.map { (index: $0, score: Self.score(projector, models[$0].model)) }
            if let best = ranked.filter({ $0.score > 0 }).max(by: { $0.score < $1.score }) {
                models[best.index].projector = projector
            } else {
                left.append(projector)
            }
        }
    }

    /// 0 means that they do not go together. What a projector makes must be as wide as what the model takes; among models of
    /// one width names decide, and then the folder.
    private static func score(_ projector: FoundModel, _ model: FoundModel) -> Int {
        guard model.kind == .language else {
            return 0
        }
        let likeness = projector.name.likeness(to: model.name)
        let isSameFolder = folder(projector.path) == folder(model.path)
        switch (projector.width, model.width) {
        case (let made?, let taken?) where made != taken: return 0
        case (nil, _), (_, nil): return likeness > 0 ? 2 * likeness : 0
        default: return 1 + 2 * likeness + (isSameFolder ? 1 : 0)
        }
    }

    private static func folder(_ path: String) -> Substring {
        path.dropLast(path.split(separator: "/").last?.count ?? 0)
    }
}
