import SaraiConfiguration
import SaraiCore

/// Numbers local targets, to name their workers' files. A target keeps its number for as long as it is there, wherever its
/// model comes in the configuration: its worker listens on a socket of that name.
struct WorkerNumbers: Sendable {
    private var numbers: [TargetID: Int] = [:]

    /// Numbers the local targets of a configuration.
    init(_ configuration: Configuration) {
        update(configuration) { _ in false }
    }

    /// The number of a target; `nil` where it has none.
    subscript(_ target: TargetID) -> Int? { numbers[target] }

    /// Numbers those that a configuration has more, and takes the numbers of those back that are gone.
    mutating func update(_ configuration: Configuration, isGone: (TargetID) -> Bool) {
        numbers = numbers.filter { !isGone($0.key) }
        var taken = Set(numbers.values)
        for target in configuration.models.flatMap(\.targets) where target.id.kind.isLocal && numbers[target.id] == nil
        {
            let free = (0...taken.count).first { !taken.contains($0) } ?? taken.count
            numbers[target.id] = free
            taken.insert(free)
        }
    }

    /// Takes the number of a target back.
    mutating func release(_ target: TargetID) {
        numbers[target] = nil
    }
}
