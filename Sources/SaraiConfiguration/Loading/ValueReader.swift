/// Reads one key's value: knows the key, where the value comes from and whom to tell what is wrong with it.
struct ValueReader {
    /// The key: `models.solar.servers`, and for an element of a list `models.solar.servers[1]`.
    var keyPath: String
    /// Where the value comes from; grows by the variables that `${…}` draws in.
    var origin: Origin
    /// What values are judged against.
    let surroundings: Surroundings
    /// Where problems go.
    var findings: Findings

    /// Reads the elements of a list, each with its own key path and place; leaves out those that cannot be read.
    mutating func readElements<Element>(
        _ values: [SourceValue], _ read: (SourceValue, inout ValueReader) -> Element?
    ) -> [Element] {
        let list = self
        var elements: [Element] = []
        var variables: [Origin] = []
        for (index, value) in values.enumerated() {
            keyPath = "\(list.keyPath)[\(index)]"
            origin = value.origin
            if let element = read(value, &self) {
                elements.append(element)
            }
            if case .file(_, let used) = origin {
                variables += used
            }
        }
        keyPath = list.keyPath
        origin = list.origin
        if case .file(let location, _) = list.origin {
            origin = .file(location, through: variables)
        }
        return elements
    }

    /// Reads a mapping that has keys of its own.
    mutating func readMapping<Draft>(
        _ value: SourceValue, of section: Section<Draft>
    ) -> SectionReader<Draft>.Result {
        let sections = SectionReader(section: section, keyPath: keyPath, surroundings: surroundings, flags: [:])
        let result = sections.read(value, defaults: section.defaults, into: &findings)
        if case .file(let location, let known) = origin {
            let variables = section.keys.flatMap { key -> [Origin] in
                guard case .file(_, let used) = result.origins[key.name] else {
                    return []
                }
                return used
            }
            origin = .file(location, through: known + variables)
        }
        return result
    }

    /// Reports that the value is of the wrong shape.
    mutating func report(expected noun: String, found value: SourceValue) {
        var message = "expected \(noun), found \(value.summary)."
        if value.isNull {
            message += " Give it a value or remove the key."
        }
        findings.report(.wrongType, at: value.origin, keyPath, message)
    }

    /// The text of a scalar with its variables filled in; `nil` after reporting that there is none. `noun` is what the
    /// report says was expected.
    mutating func text(of value: SourceValue, expected noun: String) -> String? {
        guard case .scalar(let text, _) = value.content, !value.isNull else {
            report(expected: noun, found: value)
            return nil
        }
        guard case .file(let location, _) = value.origin else {
            return text
        }
        do throws(Complaint) {
            let expansion = try surroundings.variables.expand(text)
            findings.expandedVariables.formUnion(expansion.variables.map(\.name))
            guard case .file(let known, let earlier) = origin else {
                return expansion.text
            }
            origin = .file(known, through: earlier + expansion.variables.map(\.origin))
            return expansion.text
        } catch {
            findings.report(error.code, at: .file(location), keyPath, error.message)
            return nil
        }
    }
}
