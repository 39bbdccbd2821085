/// What the daemon writes down, on stderr.
public struct LogConfiguration: Hashable, Sendable {
    /// The form of a line.
    public var format = Format.text
    /// The least important lines that are written.
    public var level = Level.info

    /// The form of a line.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// For people.
        case text
        /// For programs: an object a line.
        case json
    }

    /// How important a line is, the least first.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error
    }
}
