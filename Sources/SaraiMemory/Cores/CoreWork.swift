/// What a worker's process is busy with, as far as that decides who gets cores first.
package enum CoreWork: Int, Hashable, Sendable, CaseIterable {
    /// Turning text into vectors: short, and something usually waits for it before it can ask a text model.
    case embedding
    /// Answering a prompt, which somebody reads as it comes.
    case generation
    /// A load, a warm-up, a measurement: no answer has begun.
    case background
}
