/// Who asks for something, and how long they wait for it.
package struct Caller: Hashable, Sendable {
    /// Names the client among others, for fair turns; those that are not told apart share a name.
    package var name: String
    /// How long the client waits for the end of its answer, over all attempts; `nil` is as long as
    /// `timeouts.request` allows.
    package var patience: Duration?
    /// Whether this belongs to a request that was taken in before, and is still answered when no new ones are.
    package var isUnderWay = false

    /// A caller.
    package init(name: String = "", patience: Duration? = nil) {
        self.name = name
        self.patience = patience
    }
}
