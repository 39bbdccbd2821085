import SaraiCore

extension PipelineReader {
    /// What the steps need must be there: models that write, one that hears, a server that searches.
    func checkModels(_ readers: [StepReader], _ findings: inout Findings) {
        guard let configuration else {
            return
        }
        for reader in readers {
            let draft = reader.entry.draft
            if let reference = draft.reference, let objection = configuration.objection(toWriting: reference) {
                let key = draft.model == nil ? "role" : "model"
                findings.report(.invalidValue, at: reader.origin(of: key), reader.path(key), objection)
            }
            if draft.transcribes, configuration.transcriber == nil {
                let message = "\(Configuration.noTranscriber)."
                findings.report(.conflict, at: reader.origin(of: "transcribe"), reader.path("transcribe"), message)
            }
            if draft.search != nil, configuration.search.url == nil, !draft.isOptional {
                let message =
                    "searching is off, so the step can only fail. Set search.url, or write 'optional: true'."
                findings.report(.conflict, at: reader.origin(of: "search"), reader.path("search"), message)
            }
        }
    }
}

extension Configuration {
    /// Why the model that a reference means cannot be asked for text, and what to do; `nil` if it can.
    func objection(toWriting reference: ModelReference) -> String? {
        guard let model = model(reference) else {
            switch reference {
            case .name(let name):
                return "there is no model '\(name)'."
                    + Suggestion.sentence(for: name.rawValue, among: models.map(\.name.rawValue))
            case .role(let role):
                return "no model has this role. Give one 'role: \(role.rawValue)', or name a model."
            }
        }
        guard !model.role.readsInOneStep, model.role != .speech else {
            return "model '\(model.name)' has the role \(model.role.rawValue) and writes no text. Choose another one."
        }
        return nil
    }
}
