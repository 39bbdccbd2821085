import Foundation

/// What `sarai doctor` found out about one thing.
struct Check: Encodable {
    /// How it is.
    enum Status: String, Encodable {
        case ok
        /// Works, but is probably not meant, or may fail later.
        case warn
        /// Does not work.
        case fail
    }

    /// What was looked at: `engine`, `model lfm2`.
    let name: String
    /// How it is.
    let status: Status
    /// What was found.
    let message: String
    /// What to do about it.
    let advice: String?
    /// What is known of the target that was looked at; `nil` where it was something else.
    var target: TargetFacts?

    /// All is well.
    static func ok(_ name: String, _ message: String) -> Check {
        Check(name: name, status: .ok, message: message, advice: nil)
    }

    /// Works, but deserves attention.
    static func warn(_ name: String, _ message: String, advice: String? = nil) -> Check {
        Check(name: name, status: .warn, message: message, advice: advice)
    }

    /// Does not work.
    static func fail(_ name: String, _ message: String, advice: String? = nil) -> Check {
        Check(name: name, status: .fail, message: message, advice: advice)
    }
}

/// All that `sarai doctor` found out.
struct Diagnosis: CommandResult {
    /// For programs.
    struct JSON: Encodable {
        let ok: Bool
        let checks: [Check]
    }

    /// In the order in which they were made.
    let checks: [Check]

    /// Whether nothing fails.
    var isWell: Bool {
        checks.allSatisfy { $0.status != .fail }
    }

    var json: JSON {
        JSON(ok: isWell, checks: checks)
    }

    var quietLines: [String] {
        checks.filter { $0.status == .fail }.map { "\($0.name): \($0.message)" }
    }

    func text(_ style: TextStyle) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        let indent = String(repeating: " ", count: width + 8)
        let lines = checks.map { check in
            let name = check.name.padding(toLength: width, withPad: " ", startingAt: 0)
            let status = check.status.rawValue.padding(toLength: 4, withPad: " ", startingAt: 0)
            // A message of several lines, such as a configuration's problems, stays in its column.
            let message = check.message.split(separator: "\n").joined(separator: "\n" + indent)
            let advice = check.advice.map { "\n" + indent + style("→ \($0)", .faint) } ?? ""
            return "\(style(status, check.status.tone))  \(style(name, .strong))  \(message)\(advice)\n"
        }
        let count = { (status: Check.Status) in checks.count { $0.status == status } }
        let summary = "\(count(.ok)) ok, \(count(.warn)) to look at, \(count(.fail)) failed"
        return lines.joined() + "\n" + style(summary, isWell ? .good : .bad) + "\n"
    }
}

extension Check.Status {
    fileprivate var tone: TextStyle.Tone {
        switch self {
        case .ok: .good
        case .warn: .caution
        case .fail: .bad
        }
    }
}
