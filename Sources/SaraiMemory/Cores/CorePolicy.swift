/// How cores are shared by workers that want more of them than there are.
///
/// 1. A worker whose work begins after a rest is in its *burst*: it goes before those that have used theirs up, so that a short
///    question is answered beside a long answer as if it were alone. Of several, embeddings go first, then smaller models. A
///    burst is used up by running and regained by resting, second for second: no worker gets more than half of the cores
///    by bursts for long.
/// 2. After that the cores go, a quantum at a time, to whoever has used the least of them while others wanted them too.
///    So models get equal shares, however many requests each has. What was not used is not saved up. New work does not wait
///    for the end of a quantum, only until it is the one that has used the least.
/// 3. Background work has no burst, and its time counts several times.
/// 4. Whatever the rules above say, who has waited for long gets the next quantum.
///
/// Whoever is not among the chosen is paused, and runs on as soon as there are cores that nobody before it needs.
package struct CorePolicy: Hashable, Sendable {
    /// How long a worker keeps its cores against others with equal rights.
    ///
    /// A reader sees the others' answers pause for this long. Each change of turn costs 5 to 20 ms of core time, until the
    /// threads of the worker that runs on are on cores of their own again: measured, a quantum of 100 ms makes all answers
    /// 9 % later, one of 500 ms 1 to 4 %.
    package var quantum: Duration
    /// The length of a burst, all cores busy: enough for a prompt of some hundred tokens and the first words of its answer.
    package var burst: Duration
    /// The wait after which a worker gets the next quantum, longer by a quantum for each worker that has work.
    package var patience: Duration
    /// How many times the time of background work counts. At least 1.
    package var backgroundCost: Int

    /// A policy.
    package init(
        quantum: Duration = .seconds(1), burst: Duration = .seconds(2), patience: Duration = .seconds(4),
        backgroundCost: Int = 4
    ) {
        self.quantum = quantum
        self.burst = burst
        self.patience = patience
        self.backgroundCost = max(1, backgroundCost)
    }

    /// What is left of a burst when it is not worth a switch any more.
    let sliver = Duration.milliseconds(5)
}
