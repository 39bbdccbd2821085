import FoundationEssentials
import SaraiConfiguration
import SaraiCore

/// What the templates of a pipeline may use: what came with the request, and what steps have found.
struct PipelineValues: Sendable {
    /// By name.
    private(set) var values: [String: String]
    /// The steps that are over, and what every pipeline has.
    private(set) var names = PipelineStep.commonValues
    /// In which the models are spoken to: the person's.
    private(set) var language: Language

    /// What comes with a request.
    init(_ request: PipelineRequest) {
        language = request.language
        values = [
            "text": request.text,
            "date": Date.now.formatted(.iso8601.year().month().day()),
        ]
    }

    /// What the person wrote and said.
    var text: String { values["text"] ?? "" }

    /// Adds what a step found.
    mutating func add(_ result: StepResult) {
        names.insert(result.step.name)
        values[result.step.name] = result.text
        if case .transcribe = result.step.action, result.report.outcome == .done {
            values["text"] = text.isEmpty ? result.text : "\(text)\n\n\(result.text)"
            language = Language(of: text, else: result.language ?? language)
        }
        if let sources = result.sources {
            values["sources"] = sources
        }
    }
}

/// What a step came to.
struct StepResult: Sendable {
    let step: PipelineStep
    var report: StepReport
    /// What templates see of it.
    let text: String
    /// The numbered addresses of what a search found.
    var sources: String?
    /// The language that was heard.
    var language: Language?
    /// Tokens and times of a model.
    var usage = Usage()
}
