package import SaraiCore

/// Code that speaks to one target.
///
/// A backend knows one wire format and nothing about models, memory or other targets: which target answers, and what
/// happens when it fails, is the pool's decision.
package protocol Backend: Sendable {
    /// Generates text.
    ///
    /// Events are handed over as they arrive, in order, ending with exactly one ``GenerationEvent/finished(_:)``, after
    /// which the call returns. Cancelling the calling task closes the connection, which frees the target's slot.
    ///
    /// - Parameters:
    ///   - request: what to generate.
    ///   - emit: called for each event, from the calling task; it must not block.
    /// - Throws: ``BackendError``, or `CancellationError` when the calling task was cancelled.
    func generate(_ request: GenerationRequest, emit: @escaping @Sendable (GenerationEvent) -> Void) async throws

    /// Computes embeddings.
    ///
    /// - Throws: ``BackendError``, or `CancellationError` when the calling task was cancelled.
    func embed(_ request: EmbeddingRequest) async throws -> EmbeddingResult

    /// Judges how well documents answer a query.
    ///
    /// - Throws: ``BackendError``, with `unsupported` where the target does not judge, or `CancellationError` when the calling task was
    ///   cancelled.
    func rerank(_ request: RerankRequest) async throws -> RerankResult

    /// Turns speech into text.
    ///
    /// - Throws: ``BackendError``, with `unsupported` where the target does not hear, or `CancellationError` when the calling
    ///   task was cancelled.
    func transcribe(_ request: TranscriptionRequest) async throws -> Transcription

    /// Counts the tokens of a text, without those that begin or end every text of the model.
    ///
    /// - Returns: the exact number; `nil` where the target cannot be asked.
    /// - Throws: ``BackendError``, or `CancellationError` when the calling task was cancelled.
    func countTokens(_ text: String) async throws -> Int?

    /// Counts the tokens of the prompt that the target would make of a request: template, tools and media included.
    ///
    /// - Throws: ``BackendError``, with `unsupported` where the target cannot be asked, or `CancellationError` when the
    ///   calling task was cancelled.
    func countPromptTokens(of request: GenerationRequest) async throws -> Int

    /// Has a target that loads models by itself load this one; does nothing where the target's API cannot say so.
    ///
    /// - Parameters:
    ///   - keepAlive: how long it is to stay loaded; nothing unloads it, `nil` leaves it to the target.
    ///   - isEmbedding: whether it is a model of embeddings.
    /// - Throws: ``BackendError``, or `CancellationError` when the calling task was cancelled.
    func load(keepAlive: KeepAlive?, isEmbedding: Bool) async throws

    /// Asks whether the target is there and has its model, without loading or running anything.
    ///
    /// - Throws: ``BackendError``.
    func checkHealth() async throws
}

extension Backend {
    package func countTokens(_ text: String) async throws -> Int? { nil }

    package func load(keepAlive: KeepAlive?, isEmbedding: Bool) async throws {}

    package func rerank(_ request: RerankRequest) async throws -> RerankResult {
        throw BackendError(.unsupported, "this target's API has no reranking")
    }

    package func countPromptTokens(of request: GenerationRequest) async throws -> Int {
        throw BackendError(.unsupported, "this target's API counts no tokens")
    }

    package func transcribe(_ request: TranscriptionRequest) async throws -> Transcription {
        throw BackendError(.unsupported, "this target's API has no transcriptions")
    }
}
