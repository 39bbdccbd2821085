import Foundation
import Logging
public import SaraiConfiguration
public import SaraiCore
import SaraiPipelines
import SaraiPool

/// The models of a configuration, for a Swift program of your own.
///
/// ```swift
/// try await Sarai.withPool(Configuration.load(path: "sarai.yaml")) { sarai in
///     for try await text in sarai.stream("What is a relay?", model: "solar") {
///         print(text, terminator: "")
///     }
///     print(sarai.memory().total)
/// }
/// ```
public struct Sarai: Sendable {
    private let pipelines: Pipelines
    private var pool: ModelPool { pipelines.pool }

    /// Runs `body` with the models available; when it returns, every worker has ended.
    ///
    /// - Parameters:
    ///   - configuration: the models and the budget; see ``SaraiConfiguration/Configuration/load(path:)``.
    ///   - body: what your program does with the models.
    /// - Returns: what `body` returns.
    /// - Throws: what prevents the pool from being made, and what `body` throws.
    public static func withPool<Result: Sendable>(
        _ configuration: Configuration, _ body: @escaping @Sendable (Sarai) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "sarai")
        logger.logLevel = .warning
        let instance = "app-\(ProcessInfo.processInfo.processIdentifier)"
        return try await PoolScope.withPool(
            configuration, paths: .current, instance: instance, logger: logger
        ) { pipelines in
            let pool = pipelines.pool
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await pool.run() }
                pool.loadResidents()
                defer { group.cancelAll() }
                return try await body(Sarai(pipelines: pipelines))
            }
        }
    }

    /// Answers a prompt, piece by piece.
    ///
    /// - Parameters:
    ///   - prompt: what the user says.
    ///   - model: a model of the configuration, or a pipeline: `sarai:auto`.
    /// - Returns: the answer's text as it is made; it throws ``SaraiCore/PoolError``. To stop early, stop reading.
    public func stream(_ prompt: String, model: String) -> AsyncThrowingStream<String, any Error> {
        stream(GenerationRequest(prompt: .chat([Message(role: .user, text: prompt)])), model: model)
    }

    /// Answers a request, piece by piece.
    ///
    /// - Parameters:
    ///   - request: the conversation and how to answer it.
    ///   - model: a model of the configuration, or a pipeline: `sarai:auto`.
    /// - Returns: the answer's text as it is made; it throws ``SaraiCore/PoolError``. To stop early, stop reading.
    public func stream(_ request: GenerationRequest, model: String) -> AsyncThrowingStream<String, any Error> {
        let (texts, sink) = AsyncThrowingStream.makeStream(of: String.self)
        // Ends with the generation; cancelled when nobody is left to read.
        let task = Task {
            do {
                for try await event in pipelines.generate(request, model: try Self.name(model)).events {
                    if case .content(let text) = event {
                        sink.yield(text)
                    }
                }
                sink.finish()
            } catch {
                sink.finish(throwing: error)
            }
        }
        sink.onTermination = { _ in task.cancel() }
        return texts
    }

    /// Computes embeddings.
    ///
    /// - Parameters:
    ///   - texts: each becomes one vector.
    ///   - model: an embedding model of the configuration.
    /// - Returns: one vector per text, in order.
    /// - Throws: ``SaraiCore/PoolError``.
    public func embed(_ texts: [String], model: String) async throws -> [[Float]] {
        try await pool.embed(EmbeddingRequest(inputs: texts), model: Self.name(model)).0.vectors
    }

    /// What the models take of the memory, measured now.
    public func memory() -> MemoryUse {
        let snapshot = pool.snapshot()
        return MemoryUse(
            budget: MemorySize(bytes: snapshot.budgetBytes),
            models: snapshot.models.map { ($0.name, MemorySize(bytes: $0.measuredBytes)) })
    }

    private static func name(_ text: String) throws -> ModelName {
        guard let name = ModelName(text) else {
            throw PoolError(.invalidRequest, "'\(text)' is not a model name")
        }
        return name
    }
}

/// What the models take of the memory.
public struct MemoryUse: Sendable {
    /// What all models together may use.
    public let budget: MemorySize
    /// Each model's worker, measured; zero for a model that is not loaded on this machine.
    public let models: [(name: String, size: MemorySize)]

    /// All workers together.
    public var total: MemorySize {
        models.reduce(.zero) { $0 + $1.size }
    }
}
