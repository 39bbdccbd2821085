import SaraiCore
import Testing

/// A local target of a model with this name.
func target(_ name: String) throws -> TargetID {
    TargetID(model: try #require(ModelName(name)), kind: .gguf)
}
