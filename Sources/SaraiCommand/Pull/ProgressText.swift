import SaraiCore

/// How far a download is, in words and as a bar.
struct ProgressText {
    /// The file's name.
    let name: String
    /// Bytes that are there, and all.
    let completed: Int
    let total: Int
    /// What is done with them: `fetching`, `checking`.
    let activity: String
    /// Bytes in a second; `nil` while that cannot be told.
    let speed: Double?
    /// `nil` while that cannot be told.
    let timeLeft: Duration?

    private var share: Double {
        total > 0 ? Double(completed) / Double(total) : 0
    }

    /// Full percent: 100 only when all is there.
    var percent: Int {
        Int(share * 100)
    }

    /// `45 % of 4.36 GiB, 85.1 MiB/s, 1 min 20 s left`.
    var figures: String {
        var parts = ["\(percent) % of \(MemorySize(bytes: total))"]
        if let speed {
            parts.append("\(MemorySize(bytes: Int(speed)))/s")
        }
        if let timeLeft {
            parts.append("\(Self.text(timeLeft)) left")
        }
        return parts.joined(separator: ", ")
    }

    /// A line for a log.
    var line: String {
        "\(activity) \(name): \(figures)"
    }

    /// A line that shows a bar, so many columns wide at most.
    func bar(width: Int) -> String {
        let figures = " \(percent) %  " + self.figures.split(separator: " of ", maxSplits: 1).dropFirst().joined()
        let name = name.count > width / 3 ? "…" + name.suffix(max(1, width / 3 - 1)) : name
        let room = width - name.count - figures.count - 4
        guard room >= 8 else {
            return String((name + figures).prefix(width))
        }
        let filled = Int(share * Double(room))
        return "\(name) [" + String(repeating: "#", count: filled) + String(repeating: "·", count: room - filled) + "]"
            + figures
    }

    /// A duration as people say it: `45 s`, `1 min 20 s`, `2 h 5 min`.
    static func text(_ duration: Duration) -> String {
        let seconds = Int(min(duration.seconds, 1e9).rounded(.up))
        return switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min \(seconds % 60) s"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }
}
