import SaraiCore
import SaraiPool

/// What `sarai bench concurrent` measured, and the verdict.
struct BenchReport: CommandResult {
    /// The pool after all models have answered at the same time.
    let state: PoolSnapshot
    /// How each model answered, by its name.
    let results: [String: ConcurrentBench.Result]
    /// Models that the daemon should have and does not.
    let missing: [String]
    /// From the first request to the last answer.
    let atOnce: Duration
    /// The same requests, one after another.
    let inTurn: Duration

    /// Everything that is not as it should be; empty when the benchmark is passed.
    var problems: [String] {
        var problems = missing.map { "\($0): the daemon has no such model; it was started with another configuration" }
        for model in state.models {
            if let error = results[model.name]?.error {
                problems.append("\(model.name): \(error)")
            } else if model.state != .ready {
                problems.append("\(model.name): was ready and is \(model.state.rawValue) after its answer")
            }
        }
        let budget = MemorySize(bytes: state.budgetBytes)
        for (what, bytes) in [("reserved", state.reservedBytes), ("measured", state.residentBytes)]
        where bytes > state.budgetBytes {
            problems.append("memory: \(MemorySize(bytes: bytes)) are \(what), more than the budget of \(budget)")
        }
        return problems
    }

    /// The time for all at once as a share of the time in turn.
    var ratio: Double? {
        inTurn > .zero ? atOnce.seconds / inTurn.seconds : nil
    }

    var quietLines: [String] { problems }

    func text(_ style: TextStyle) -> String {
        var table = TextTable([
            .text("MODEL"), .text("TARGET"), .text("ROUTE"), .number("PREDICTED"), .number("MEASURED"),
            .number("FIRST TOKEN"), .number("TOKENS"), .number("TOKENS/S"), .text("OUTCOME"),
        ])
        for model in state.models {
            let result = results[model.name] ?? .init()
            table.add([
                .init(model.name, .strong), .init(result.target.map(model.brief)), .init(result.route),
                .init(model.predictedBytes.map { "\(MemorySize(bytes: $0))" }),
                .init(model.measuredBytes > 0 ? "\(MemorySize(bytes: model.measuredBytes))" : nil),
                .init(result.untilFirstToken?.text), .init(result.error == nil ? "\(result.tokens)" : nil),
                .init(result.tokensPerSecond?.formatted(decimals: 1)),
                result.error == nil ? .init("ok", .good) : .init("failed", .bad),
            ])
        }
        let memory =
            "Memory: \(MemorySize(bytes: state.reservedBytes)) reserved, \(MemorySize(bytes: state.residentBytes)) "
            + "measured, of the budget of \(MemorySize(bytes: state.budgetBytes))"
        let times = "Time: all at once \(atOnce.text), in turn \(inTurn.text)"
        let share = ratio.map { ", \($0.formatted(decimals: 2)) times as long at once" } ?? ""
        return "\(table.text(style))\n\(memory)\n\(times)\(share)\n\(verdict(style))\n"
    }

    private func verdict(_ style: TextStyle) -> String {
        problems.isEmpty
            ? style("Passed:", .good) + " \(results.count) models answered at the same time, inside the budget."
            : problems.map { style("Failed:", .bad) + " " + $0 }.joined(separator: "\n")
    }
}

extension BenchReport {
    /// For programs. Times are in milliseconds.
    struct JSON: Encodable {
        let ok: Bool
        let problems: [String]
        let budgetBytes: Int
        let reservedBytes: Int
        let residentBytes: Int
        let hardBytes: Int
        let atOnceMs: Double
        let inTurnMs: Double
        let ratio: Double?
        let models: [Model]
    }

    /// One model.
    struct Model: Encodable {
        let name: String
        let role: String
        let target: String?
        let route: String?
        let predictedBytes: Int?
        let measuredBytes: Int
        let firstTokenMs: Double?
        let tokens: Int
        let tokensPerSecond: Double?
        let ok: Bool
        let error: String?
    }

    var json: JSON {
        JSON(
            ok: problems.isEmpty, problems: problems, budgetBytes: state.budgetBytes,
            reservedBytes: state.reservedBytes, residentBytes: state.residentBytes, hardBytes: state.hardBytes,
            atOnceMs: atOnce.milliseconds, inTurnMs: inTurn.milliseconds, ratio: ratio?.rounded(to: 3),
            models: state.models.map { model in
                let result = results[model.name] ?? .init()
                return Model(
                    name: model.name, role: model.role, target: result.target, route: result.route,
                    predictedBytes: model.predictedBytes, measuredBytes: model.measuredBytes,
                    firstTokenMs: result.untilFirstToken?.milliseconds, tokens: result.tokens,
                    tokensPerSecond: result.tokensPerSecond?.rounded(to: 2), ok: result.error == nil,
                    error: result.error)
            })
    }
}
