import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// What the pool knows of one target.
struct TargetState: Sendable {
    /// A moment of the monotonic clock.
    typealias Instant = ContinuousClock.Instant

    /// Where a target is in its life.
    enum Phase: Hashable, Sendable {
        /// A remote target, of which ``remote`` knows the rest.
        case remote

        // Local targets.
        /// No worker.
        case unloaded
        /// Its files' headers are being read, to know what it will need.
        case inspecting
        /// Memory is reserved, and the worker is on its way.
        case loading(pid: Int?, progress: Double)
        /// The worker answers.
        case ready(pid: Int, since: Instant)
        /// A request broke off; until a health check has shown whether the worker lives, nobody is sent there. `failure`
        /// is what the check found wrong, for which the worker is ended.
        case suspect(pid: Int, since: Instant, failure: String?)
        /// The worker was told to end, or will be when its last request is done; `reason` says why.
        case draining(pid: Int?, reason: String)
        /// It failed; the next start is not before `until`.
        case backingOff(until: Instant, reason: String)
        /// It failed too often; it is left alone until `until`.
        case failed(until: Instant, reason: String)
    }

    var configuration: TargetConfiguration
    /// Whether the configuration has it no more: it only finishes what it has begun.
    var isRemoved = false
    var phase: Phase
    /// How a remote target does; `nil` for a local one.
    var remote: RemoteState?
    /// How many workers it has had: work of an earlier one does not count against a later one.
    var run = 0
    /// Requests that hold a slot.
    var inFlight = 0
    /// Worker failures in a row.
    var failures = 0
    /// How it is to be loaded; `nil` for remote targets, and until the plan is made.
    var plan: TargetPlan?
    /// How its worker was loaded; `nil` where there is none.
    var loaded: LoadSettings?
    /// What its worker was started from; `nil` where there is none. Another than ``configuration`` after a reload.
    var started: LocalTargetConfiguration?
    /// What it will need; `nil` until its files were read, and for remote targets.
    var predicted: Footprint?
    /// What it was last seen to use.
    var measured: MeasuredMemory?
    /// The same by kind, when it was last looked at so closely.
    var measuredKinds: MeasuredKinds?
    /// How long the last load took.
    var loadDuration: Duration?
    /// When the last load began.
    var loadStarted: Instant?
    /// When a request last got or gave back a slot.
    var lastUsed: Instant
    /// How long it stays loaded when nobody uses it.
    var keepAlive: KeepAlive
    /// When it was last tried out, and what came of it.
    var lastProbe: SelfProbe?

    init(_ configuration: TargetConfiguration, keepAlive: KeepAlive, policy: BreakerPolicy, now: Instant) {
        self.configuration = configuration
        self.keepAlive = keepAlive
        lastUsed = now
        switch configuration {
        case .remote(let target):
            phase = .remote
            remote = RemoteState(target, policy: policy, now: now)
        case .local:
            phase = .unloaded
        }
    }

    var id: TargetID { configuration.id }

    /// Its place in the order of preference.
    var tier: Int { configuration.tier }

    /// Whether its worker answers.
    var isReady: Bool {
        if case .ready = phase {
            return true
        }
        return false
    }

    /// Whether its worker was told to end, or will be.
    var isDraining: Bool {
        if case .draining = phase {
            return true
        }
        return false
    }

    /// Requests that it takes at the same time.
    var capacity: Int {
        switch configuration {
        case .remote(let target): target.capacity
        case .local(let target): loaded?.slots ?? plan?.settings.slots ?? target.slots
        }
    }

    /// Whether it makes vectors or scores rather than text.
    var isEmbedding: Bool {
        local?.isEmbedding == true
    }

    /// Whether it is a text model on this machine: those are counted.
    var isLLM: Bool {
        local?.isLLM ?? false
    }

    /// The files that its worker reads.
    var files: [String] {
        guard let target = started ?? local else {
            return []
        }
        return target.files
    }

    /// Its configuration, if it is a local target.
    var local: LocalTargetConfiguration? {
        guard case .local(let target) = configuration else {
            return nil
        }
        return target
    }

    /// Whether its worker was started from what the configuration does not say any more.
    var isOutdated: Bool {
        started != nil && started != local
    }

    /// Whether there is a worker, or one on its way.
    var hasWorker: Bool {
        switch phase {
        case .loading, .ready, .suspect, .draining: true
        case .remote, .unloaded, .inspecting, .backingOff, .failed: false
        }
    }

    /// What loading it again would take: as long as the last time, or else as its size suggests.
    var reloadTime: Duration {
        loadDuration ?? .nanoseconds(predicted?.resident.bytes ?? 0)
    }

    /// What it takes of the machine's memory, or will have taken when it is loaded.
    var resident: MemorySize {
        max(measured?.resident ?? .zero, predicted?.resident ?? .zero)
    }

    /// When it is to be unloaded unless somebody uses it; `nil` when it stays.
    func expiry(now: Instant) -> Instant? {
        guard case .limited(let duration) = keepAlive, isReady else {
            return nil
        }
        return (inFlight > 0 ? now : lastUsed) + duration
    }

    /// The process id of its worker, where there is one.
    var pid: Int? {
        switch phase {
        case .loading(let pid, _), .draining(let pid, _): pid
        case .ready(let pid, _), .suspect(let pid, _, _): pid
        case .remote, .unloaded, .inspecting, .backingOff, .failed: nil
        }
    }

    /// What speaks against serving `needs` here, whatever the phase.
    func objection(to needs: Needs) -> String? {
        switch configuration {
        case .local(let target): target.objection(to: needs)
        case .remote(let target):
            switch needs {
            case .transcription where !target.id.kind.hasTranscriptions: "does not hear: Ollama's API takes no sounds"
            case .reranking where target.id.kind == .ollama: "does not rerank: Ollama's API has no such route"
            default: nil
            }
        }
    }
}

/// What a request needs of a target.
package enum Needs: Hashable, Sendable {
    /// Text is generated, perhaps about images and sounds.
    case generation(hasMedia: Bool)
    /// Vectors.
    case embedding
    /// A judgement of documents.
    case reranking
    /// Speech becomes text.
    case transcription
    /// Only to be there.
    case load
}

extension LocalTargetConfiguration {
    /// What speaks against serving `needs` with this model.
    fileprivate func objection(to needs: Needs) -> String? {
        switch (needs, model) {
        case (.load, _), (.transcription, .whisper): return nil
        case (.generation, .whisper), (.embedding, .whisper), (.reranking, .whisper):
            return "turns speech into text, and does nothing else"
        case (.reranking, .gguf): return isReranker ? nil : "does not rerank: that needs a model of role reranker"
        case (_, .gguf) where isReranker: return "judges documents (/v1/rerank), and does nothing else"
        case (.embedding, .gguf): return isEmbedding ? nil : "serves text, not embeddings"
        case (.generation, .gguf) where isEmbedding: return "serves embeddings, not text"
        case (.generation(let hasMedia), .gguf(_, let mmproj)):
            guard hasMedia, mmproj == nil else {
                return nil
            }
            return "takes text only: images and sounds need a projector file (key mmproj)"
        case (.transcription, .gguf(_, let mmproj)):
            return isEmbedding || mmproj == nil ? "does not hear: that needs a projector file (key mmproj)" : nil
        }
    }
}

/// A trial of a twin while it was not needed.
struct SelfProbe: Hashable, Sendable {
    /// When it was.
    let at: ContinuousClock.Instant
    /// How long the answer took.
    let took: Duration
    /// Why there was none; `nil` if all was well.
    let failure: String?
}

/// What a worker was seen to take, by kind.
struct MeasuredKinds: Hashable, Sendable {
    /// What is its own, and its share of what it has in common with others.
    var worker: WorkerMemory
    /// What the page cache holds of its files, whoever brought it there.
    var fileCache: MemorySize
}
