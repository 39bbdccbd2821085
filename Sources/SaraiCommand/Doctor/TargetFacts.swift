import SaraiBackends
import SaraiCore
import SaraiPool

/// What is known of one target, for programs: what a running daemon says, and what an own look has shown.
///
/// Members that do not apply, or are not known, are left out.
struct TargetFacts: Encodable {
    /// The target's id: `solar/ollama_http@10.0.0.7:11434`.
    let id: String
    /// Whether an own look found nothing wrong: the server answers and has the model, or the file is sound.
    let isSound: Bool
    /// What an own look found wrong.
    let fault: String?

    // What the daemon says; see ``PoolSnapshot``.
    /// `ready`, `unloaded`, `loading`, `draining` or `failed`.
    let state: String?
    /// Why it is in this state.
    let reason: String?
    /// How long it has been in this state.
    private(set) var sinceSeconds: Double?
    let lastError: String?
    let lastErrorAgoSeconds: Double?

    // Servers.
    let breaker: String?
    let ejections: Int?
    /// How much longer it is left alone at least.
    let retryInSeconds: Double?
    /// Whether it has the model in memory.
    private(set) var isLoaded: Bool?
    /// For a connection to be made.
    private(set) var connectSeconds: Double?
    /// From a cheap question to the first byte of the answer.
    private(set) var firstByteSeconds: Double?

    // Workers.
    let pid: Int?
    /// How often it ended unasked, or could not be started, as far as the daemon remembers.
    private(set) var failures: Int?
    /// The log of the run that matters: that of the last failure, if there was one.
    private(set) var log: String?

    /// The facts of a server.
    ///
    /// - Parameters:
    ///   - target: the target's id.
    ///   - survey: what a look has shown; `nil` if nothing could be found out.
    ///   - fault: what a look found wrong.
    ///   - isLoaded: whether the server has the model in memory; `nil` if that is not known.
    ///   - daemon: what the daemon says.
    init(
        server target: String, survey: ServerSurvey?, fault: String?, isLoaded: Bool?, daemon: PoolSnapshot.Target?
    ) {
        self.init(
            id: target, fault: fault, daemon: daemon, lastError: daemon?.server?.lastError,
            lastErrorAgoSeconds: daemon?.server?.lastErrorAgoSeconds)
        sinceSeconds = daemon?.server?.sinceSeconds
        self.isLoaded = isLoaded
        connectSeconds = survey?.latency.connect.seconds
        firstByteSeconds = survey?.latency.firstByte.seconds
    }

    /// The facts of a file and its worker.
    ///
    /// - Parameters:
    ///   - target: the target's id.
    ///   - fault: what is wrong with the file.
    ///   - daemon: what the daemon says.
    ///   - history: what the worker has gone through.
    ///   - log: path of the log that tells most.
    init(
        file target: String, fault: String?, daemon: PoolSnapshot.Target?, history: WorkerHistory?, log: String?
    ) {
        let last = history?.failures.last
        self.init(
            id: target, fault: fault, daemon: daemon, lastError: last?.event.reason,
            lastErrorAgoSeconds: last?.secondsAgo)
        sinceSeconds = history?.last?.secondsAgo
        failures = history?.failures.count
        self.log = log
    }

    private init(
        id: String, fault: String?, daemon: PoolSnapshot.Target?, lastError: String?, lastErrorAgoSeconds: Double?
    ) {
        self.id = id
        self.fault = fault
        isSound = fault == nil
        state = daemon?.state.rawValue
        reason = daemon?.reason
        self.lastError = lastError
        self.lastErrorAgoSeconds = lastErrorAgoSeconds
        breaker = daemon?.server?.breaker
        ejections = daemon?.server?.ejections
        retryInSeconds = daemon?.server.flatMap { $0.restsForSeconds ?? $0.forSeconds }
        pid = daemon?.pid
    }
}
