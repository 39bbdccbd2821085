import SaraiConfiguration
package import SaraiCore

/// The name of a pipeline as clients write it for the model: `sarai:see`.
package struct PipelineName: Hashable, Sendable {
    /// What all of these names begin with.
    package static let prefix = PipelineConfiguration.prefix
    /// The pipeline that chooses another one, or a model.
    package static let auto = PipelineConfiguration.auto

    /// The name without the prefix.
    package let rawValue: String

    /// A name without the prefix.
    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    /// The name as clients write it; `nil` where it cannot be written so.
    package var modelName: ModelName? { ModelName(Self.prefix + rawValue) }

    /// Reads a model's name.
    ///
    /// - Returns: `nil` if it is not that of a pipeline.
    package init?(_ model: ModelName) {
        guard model.rawValue.hasPrefix(Self.prefix) else {
            return nil
        }
        rawValue = String(model.rawValue.dropFirst(Self.prefix.count))
    }
}
