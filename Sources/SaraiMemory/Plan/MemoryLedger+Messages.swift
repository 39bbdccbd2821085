import SaraiCore

extension MemoryLedger {
    /// The refusal of a target that does not fit: `'omni' needs 6.52 GiB, but only 1.10 GiB of the 12.0 GiB budget are
    /// free (solar 6.40 GiB, lfm2 818 MiB)`.
    func overBudget(_ target: TargetID, needs: MemorySize, available: MemorySize) -> LedgerRefusal {
        let holders = holders(except: target) { "\($0.model) \($1.charge)" + ($1.isLoaded ? "" : " held") }
        let message =
            holders.isEmpty
            ? "'\(target.model)' needs \(needs), more than the whole budget of \(budget)"
                + (daemon > .zero ? " less the daemon's \(daemon)" : "")
            : "'\(target.model)' needs \(needs), but only \(available) of the \(budget) budget are free (\(holders))"
        return LedgerRefusal(code: .overBudget, message: message, shortage: needs - available)
    }

    /// The refusal of one text model too many.
    func tooMany(_ target: TargetID) -> LedgerRefusal {
        let holders = holders(except: target, where: \.isLLM) { target, _ in target.model.rawValue }
        let loaded = holders.isEmpty ? "" : " (\(holders))"
        return LedgerRefusal(
            code: .tooManyModels,
            message: """
                '\(target.model)' would be one text model too many: \(llmCount) are loaded or held\(loaded), and \
                max_concurrent_llms is \(maxConcurrentLLMs)
                """,
            shortage: .zero)
    }

    /// The holders, the largest first, as many as a person wants to read.
    private func holders(
        except target: TargetID, where isIncluded: (Reservation) -> Bool = { _ in true },
        describe: (TargetID, Reservation) -> String
    ) -> String {
        let ranked =
            reservations
            .filter { $0.key != target && isIncluded($0.value) }
            .sorted { ($1.value.charge, $0.key.description) < ($0.value.charge, $1.key.description) }
        let shown = ranked.prefix(6).map { describe($0.key, $0.value) }
        return (shown + (ranked.count > shown.count ? ["…"] : [])).joined(separator: ", ")
    }
}
