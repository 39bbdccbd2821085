import SaraiConfiguration
import SaraiCore
import SaraiMemory

/// Whether a model's files are there and their headers sound.
enum ModelFileCheck {
    /// Looks at a planned model; `nil` for one that has no file.
    static func check(_ entry: ConfigurationPlan.Entry) -> Check? {
        guard case .local(let target) = entry.target else {
            return nil
        }
        let name = "model \(entry.model.name)"
        guard let fault = entry.fault else {
            let needs = entry.line.footprint.resident
            return .ok(name, "\(target.gguf) is sound and will need \(needs)")
        }
        let advice = "Put the right file there, or correct models.\(entry.model.name) in the configuration."
        return entry.model.isBestEffort ? .warn(name, fault, advice: advice) : .fail(name, fault, advice: advice)
    }
}
