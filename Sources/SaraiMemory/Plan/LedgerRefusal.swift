package import SaraiCore

/// Why a model may not be loaded now.
package struct LedgerRefusal: Error, Hashable, Sendable {
    /// What kind of refusal. More may come.
    package struct Code: RawRepresentable, Hashable, Sendable {
        /// Stable, machine-readable: `over_budget`.
        package let rawValue: String

        /// A code by its stable name.
        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The memory budget does not hold it beside what is loaded.
        package static let overBudget = Code(rawValue: "over_budget")
        /// As many text models are loaded as may be.
        package static let tooManyModels = Code(rawValue: "too_many_models")
    }

    /// What kind of refusal.
    package let code: Code
    /// Who needs what, what there is, and who holds the rest.
    package let message: String
    /// Memory that would have to become free; zero where memory is not what is missing.
    package let shortage: MemorySize
}

extension LedgerRefusal: CustomStringConvertible {
    package var description: String { message }
}
