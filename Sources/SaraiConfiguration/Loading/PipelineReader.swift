import SaraiCore

/// Reads one pipeline and checks its steps, by themselves and against each other.
struct PipelineReader {
    let name: String
    let sections: SectionReader<PipelineDraft>
    /// What the steps refer to; `nil` leaves that unchecked.
    let configuration: Configuration?

    /// A reader for the pipeline of a name.
    init(_ name: String, _ surroundings: Surroundings, configuration: Configuration?) {
        let section = ConfigurationSchema.pipelines
        self.name = name
        self.configuration = configuration
        sections = SectionReader(
            section: section, keyPath: "\(section.name).\(name)", surroundings: surroundings, flags: [:])
    }

    /// The pipelines of the section, not yet read; none after reporting that it is no mapping.
    static func entries(of section: SourceValue, into findings: inout Findings) -> [SourceValue.Entry] {
        if section.isNull {
            return []
        }
        guard case .mapping(let entries) = section.content else {
            let message = "expected a mapping of names to pipelines, found \(section.summary)."
            findings.report(.wrongType, at: section.origin, ConfigurationSchema.pipelines.name, message)
            return []
        }
        return entries
    }

    /// The pipeline, or `nil` after reporting why there is none.
    func read(_ value: SourceValue, into findings: inout Findings) -> PipelineConfiguration? {
        let before = findings.problems.count
        let result = sections.read(value, defaults: sections.section.defaults, into: &findings)
        findings.origins += sections.section.effectiveValues(of: result, at: sections.keyPath) { _ in true }
        guard let entries = result.draft.steps else {
            return nil
        }
        if entries.isEmpty {
            let message = "the list is empty. Name at least one step, which answers."
            findings.report(.invalidValue, at: result.origins["steps"] ?? result.origin, path, message)
        }
        let readers = entries.enumerated().map { index, entry in
            StepReader(entry: entry, keyPath: "\(path)[\(index)]", isLast: index == entries.count - 1)
        }
        var steps: [PipelineStep] = []
        for reader in readers {
            if let step = reader.read(into: &findings) {
                steps.append(step)
            }
        }
        guard findings.problems.count == before else {
            return nil
        }
        var pipeline = PipelineConfiguration(
            name: name, summary: result.draft.summary ?? "", input: result.draft.input, steps: steps)
        checkNames(readers, &findings)
        checkModels(readers, &findings)
        guard findings.problems.count == before else {
            return nil
        }
        putInOrder(&pipeline, readers, &findings)
        return findings.problems.count == before ? pipeline : nil
    }

    private var path: String {
        "\(sections.keyPath).steps"
    }

    /// Every step has a name of its own, and templates use names that there are.
    private func checkNames(_ readers: [StepReader], _ findings: inout Findings) {
        var seen: [String: StepReader] = [:]
        for reader in readers {
            let name = reader.entry.draft.name ?? ""
            if let first = seen.updateValue(reader, forKey: name) {
                let line = first.origin(of: "name").location?.line.map { " in line \($0)" } ?? ""
                let message = "there is a step '\(name)' already\(line). Choose another name."
                findings.report(.duplicate, at: reader.origin(of: "name"), reader.path("name"), message)
            }
        }
        let known = PipelineStep.commonValues.union(seen.keys)
        for reader in readers {
            for (key, text) in reader.entry.draft.templates {
                for name in text.usedValues.subtracting(known).sorted() {
                    let message =
                        "'{{\(name)}}' is neither a step of this pipeline nor one of \(Self.commonValues)."
                        + Suggestion.sentence(for: name, among: known)
                    findings.report(.invalidValue, at: reader.origin(of: key), reader.path(key), message)
                }
            }
        }
    }

    private static let commonValues = PipelineStep.commonValues.sorted().joined(separator: ", ")

    /// Puts each step behind those whose results it uses.
    private func putInOrder(
        _ pipeline: inout PipelineConfiguration, _ readers: [StepReader], _ findings: inout Findings
    ) {
        let used = pipeline.steps.map { pipeline.inputs(of: $0) }
        let last = pipeline.steps.last?.name ?? ""
        if let user = used.dropLast().firstIndex(where: { $0.contains(last) }) {
            let message = "uses '{{\(last)}}', but that is the last step, which answers. Let another one answer."
            findings.report(.conflict, at: readers[user].entry.origin, readers[user].keyPath, message)
            return
        }
        switch pipeline.order() {
        case .cycle(let names):
            let index = pipeline.steps.firstIndex { $0.name == names.first } ?? 0
            let message =
                "the steps need each other's results: \(names.joined(separator: " needs ")). Let one do without the other."
            findings.report(.conflict, at: readers[index].entry.origin, readers[index].keyPath, message)
        case .steps(let steps):
            for (step, reader) in zip(pipeline.steps, readers).dropLast()
            where !used.contains(where: { $0.contains(step.name) }) {
                let message = "has no effect: no step uses '{{\(step.name)}}'. Use it, or remove the step."
                findings.warn(.noEffect, at: reader.origin(of: "name"), reader.path("name"), message)
            }
            pipeline.steps = steps
        }
    }
}
