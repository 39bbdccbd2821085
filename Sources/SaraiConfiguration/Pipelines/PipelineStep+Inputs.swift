extension PipelineStep {
    /// The values that every pipeline has, besides its steps' results.
    ///
    /// `text` is what the person wrote in the last message, and, where a step has transcribed it, what they said; `date` is
    /// today's; `sources` are the numbered addresses of what a search found.
    public static let commonValues: Set<String> = ["text", "date", "sources"]

    /// All templates of the step.
    public var templates: [LocalizedText] {
        let texts: [LocalizedText?] =
            switch action {
            case .generate(let step): [step.system, step.prompt, step.footer]
            case .search(let query): [query]
            case .transcribe: []
            }
        return texts.compactMap(\.self)
    }

    /// The names of the values that it uses; a malformed template uses none.
    public var usedValues: Set<String> {
        templates.reduce(into: []) { $0.formUnion($1.usedValues) }
    }
}

extension LocalizedText {
    /// The names of the values that it uses as a template, in any language; a malformed template uses none.
    var usedValues: Set<String> {
        [english, spanish].reduce(into: []) { names, text in
            names.formUnion((try? PromptTemplate(text))?.names ?? [])
        }
    }
}

extension PipelineConfiguration {
    /// The names of the steps whose results a step needs before it can run.
    ///
    /// A step that uses `text`, or asks the router about it, comes after those that turn speech into text; one that uses `sources`
    /// after those that search.
    public func inputs(of step: PipelineStep) -> Set<String> {
        let used = step.usedValues
        var inputs = used.subtracting(PipelineStep.commonValues)
        for other in steps where other.name != step.name {
            switch other.action {
            case .transcribe where used.contains("text") || step.condition == .webQuery: inputs.insert(other.name)
            case .search where used.contains("sources"): inputs.insert(other.name)
            case .transcribe, .search, .generate: break
            }
        }
        return inputs
    }
}
