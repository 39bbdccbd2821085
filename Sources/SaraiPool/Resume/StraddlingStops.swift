/// Looks for stop texts that begin before a cut and end after it.
///
/// A target that continues an answer looks for stop texts in what it generates, but not across the cut: `"END"` may have been
/// cut into `"E"`, which was sent, and `"ND"`. What may be the rest of a stop text is kept back until it is clear
/// whether it is one.
struct StraddlingStops: Hashable, Sendable {
    /// A stop text that has begun.
    private struct Begun: Hashable {
        let stop: String
        /// What would complete it, as bytes: texts that look alike may be made of different characters.
        let rest: [UInt8]
    }

    private var begun: [Begun]
    /// What has come since the cut and was not given out.
    private var held = ""

    /// Looks at the end of what was sent.
    ///
    /// - Parameters:
    ///   - text: what was sent before the cut.
    ///   - stops: the stop texts.
    init(after text: String, stops: [String]) {
        let sent = Array(text.utf8)
        begun = stops.flatMap { stop in
            let bytes = Array(stop.utf8)
            return (1..<max(1, bytes.count)).filter {
                sent.suffix($0).elementsEqual(bytes.prefix($0)) && $0 <= sent.count
            }
            .map { Begun(stop: stop, rest: Array(bytes.dropFirst($0))) }
        }
    }

    /// Whether the text that comes next may complete a stop text.
    var isOpen: Bool { !begun.isEmpty }

    /// Takes text that came after the cut.
    ///
    /// - Returns: what of it, and of what was kept back, can be given out, and the stop text that was completed: then
    ///   nothing after it belongs to the answer. The part of it that was sent before the cut cannot be taken back.
    mutating func take(_ piece: String) -> (text: String, stop: String?) {
        held += piece
        let bytes = Array(held.utf8)
        if let complete = begun.first(where: { bytes.starts(with: $0.rest) }) {
            begun = []
            held = ""
            return ("", complete.stop)
        }
        begun = begun.filter { $0.rest.starts(with: bytes) }
        return (begun.isEmpty ? rest() : "", nil)
    }

    /// Gives out what was kept back: no stop text came of it.
    mutating func rest() -> String {
        begun = []
        defer { held = "" }
        return held
    }
}
