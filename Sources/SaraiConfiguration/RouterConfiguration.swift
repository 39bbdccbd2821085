public import SaraiCore

/// The router of requests to models and pipelines.
public struct RouterConfiguration: Hashable, Sendable {
    /// Which trained head gives the scores.
    public var head = Head.best
    /// The embedding model that it works on; `nil` is the first with the role `embedding`.
    public var embedding: ModelName?
    /// A file of weights from `make train-router`, instead of those that come with Sarai.
    public var file: String?
    /// Who answers when the router is not sure, or cannot be asked.
    public var fallback = ModelReference.role(.expert)

    /// Which trained head gives the scores.
    public enum Head: String, Hashable, Sendable, CaseIterable {
        /// The one that did best in training.
        case best
        /// The recursive one.
        case trm
    }
}

/// Searching the web.
public struct SearchConfiguration: Hashable, Sendable {
    /// The base URL of a SearXNG server; `nil` turns searching off.
    public var url: String?
    /// How long a search may take.
    public var timeout = Duration.seconds(5)
    /// Results used, at most.
    public var results = 5
    /// How long results are kept.
    public var cacheTime = Duration.seconds(3600)
    /// The size of the cache on disk, at most.
    public var cacheSize = MemorySize.mebibytes(16)
}
