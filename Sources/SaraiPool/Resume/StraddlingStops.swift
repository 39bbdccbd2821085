/// Looks for stop texts that begin before a cut and end after it.
///
/// A target that continues an answer looks for stop texts in what it generates, but not across the cut: `"END"` may have been
/// cut into `"E"`, which was sent, and `"ND"`. What may be the rest of a stop text is kept back until it is clear
/// whether it is one.
struct StraddlingStops: Hashable, Sendable {
    /// What would complete a stop text, as bytes: texts that look alike may be made of different characters.
    private var rests: [[UInt8]]
    /// What has come since the cut and was not given out.
    private var held = ""

    /// Looks at the end of what was sent.
    ///
    /// - Parameters:
    ///   - text: what was sent before the cut.
    ///   - stops: the stop texts.
    init(after text: String, stops: [String]) {
        let sent = Array(text.utf8)
        rests = stops.flatMap { stop in
            let stop = Array(stop.utf8)
            return (1..<max(1, stop.count)).filter {
                sent.suffix($0).elementsEqual(stop.prefix($0)) && $0 <= sent.count
            }
            .map { Array(stop.dropFirst($0)) }
        }
    }

    /// Whether the text that comes next may complete a stop text.
    var isOpen: Bool { !rests.isEmpty }

    /// Takes text that came after the cut.
    ///
    /// - Returns: what of it, and of what was kept back, can be given out, and whether a stop text was completed: then
    ///   nothing after it belongs to the answer. The part of it that was sent before the cut cannot be taken back.
    mutating func take(_ piece: String) -> (text: String, isStopped: Bool) {
        held += piece
        let bytes = Array(held.utf8)
        if rests.contains(where: { bytes.starts(with: $0) }) {
            rests = []
            held = ""
            return ("", true)
        }
        rests = rests.filter { $0.starts(with: bytes) }
        return (rests.isEmpty ? rest() : "", false)
    }

    /// Gives out what was kept back: no stop text came of it.
    mutating func rest() -> String {
        rests = []
        defer { held = "" }
        return held
    }
}
