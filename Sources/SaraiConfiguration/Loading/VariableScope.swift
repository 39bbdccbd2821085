/// The variables that a configuration may draw on: those of the environment, then those of the `.env` files.
///
/// An empty variable counts as not set, as shells' `${NAME:-…}` has it: container tools pass empty variables for
/// those that nobody gave a value.
struct VariableScope {
    /// A variable's value and where it comes from.
    struct Variable {
        let value: String
        let origin: Origin
    }

    private let environment: [String: String]
    private let dotEnv: [DotEnv]

    /// A scope; of the `.env` files the first that sets a variable counts.
    init(environment: [String: String], dotEnv: [DotEnv]) {
        self.environment = environment
        self.dotEnv = dotEnv
    }

    /// The variable `name`, if it is set.
    subscript(name: String) -> Variable? {
        if let value = environment[name], !value.isEmpty {
            return Variable(value: value, origin: .environment(name))
        }
        for file in dotEnv {
            if let variable = file.variables[name], !variable.value.isEmpty {
                return Variable(value: variable.value, origin: .dotEnv(variable.location))
            }
        }
        return nil
    }

    /// The names in the environment, sorted.
    var environmentNames: [String] {
        environment.keys.sorted()
    }

    /// The names in the `.env` files, sorted.
    var dotEnvNames: [String] {
        Set(dotEnv.flatMap(\.variables.keys)).sorted()
    }
}

extension VariableScope {
    /// A text with its variables filled in.
    struct Expansion {
        var text = ""
        /// The variables that were used and where they come from.
        var variables: [(name: String, origin: Origin)] = []
    }

    /// Fills in `${NAME}` and `${NAME:-default}`; `$$` is a dollar sign, and so is a lone `$`.
    ///
    /// The YAML is parsed already, so whatever a variable holds stays one scalar.
    func expand(_ text: String) throws(Complaint) -> Expansion {
        var expansion = Expansion()
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            expansion.text += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("$") {
                expansion.text += "$"
                rest.removeFirst()
            } else if rest.hasPrefix("{") {
                guard let brace = rest.firstIndex(of: "}") else {
                    throw Complaint(.variable, "'${' is not closed with '}'. Write '$$' for a dollar sign.")
                }
                try expand(reference: rest[rest.startIndex..<brace].dropFirst(), into: &expansion)
                rest = rest[rest.index(after: brace)...]
            } else {
                expansion.text += "$"
            }
        }
        expansion.text += rest
        return expansion
    }

    private func expand(reference: Substring, into expansion: inout Expansion) throws(Complaint) {
        let name = reference.prefix { $0 != ":" }
        let tail = reference.dropFirst(name.count)
        guard DotEnv.isName(name), tail.isEmpty || tail.hasPrefix(":-") else {
            throw Complaint(
                .variable,
                "'${\(reference)}' is not a variable. Write '${NAME}' or '${NAME:-default}', or '$$' for '$'.")
        }
        if let variable = self[String(name)] {
            expansion.text += variable.value
            expansion.variables.append((String(name), variable.origin))
        } else if tail.isEmpty {
            throw Complaint(
                .variable,
                "the variable \(name) is not set. Set it in the environment, or write \(name)=… in a file '.env' beside "
                    + "the configuration, or give a default here: ${\(name):-…}.")
        } else {
            expansion.text += tail.dropFirst(2)
        }
    }
}
