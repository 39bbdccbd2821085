import SaraiCore

extension ConfigurationLoader {
    /// The models that the router works with must be there and be of use to it, where the configuration names them.
    ///
    /// - Parameters:
    ///   - origins: where the values of the section come from.
    ///   - configuration: all of it.
    ///   - findings: takes what is wrong.
    func checkRouter(_ origins: [String: Origin], of configuration: Configuration, _ findings: inout Findings) {
        let router = configuration.router
        if let name = router.embedding, let origin = origins["embedding"] {
            let models = configuration.models.filter { $0.role == .embedding }.map(\.name.rawValue)
            if let model = configuration.model(.name(name)) {
                if model.role != .embedding {
                    let message =
                        "model '\(name)' has the role \(model.role.rawValue), and the router needs one with 'role: embedding'."
                    findings.report(.invalidValue, at: origin, "router.embedding", message)
                }
            } else {
                let message = "there is no model '\(name)'." + Suggestion.sentence(for: name.rawValue, among: models)
                findings.report(.invalidValue, at: origin, "router.embedding", message)
            }
        }
        if let origin = origins["fallback"], let objection = configuration.objection(toWriting: router.fallback) {
            findings.report(.invalidValue, at: origin, "router.fallback", objection)
        }
    }
}
