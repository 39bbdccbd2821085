import SaraiConfiguration
import SaraiCore

extension Proposal {
    /// Where the text of a file is going to be, and what it may take.
    struct Setting {
        /// Folder of the models, as it was named.
        let source: String
        /// Folders that relative paths start in, the configuration's first.
        let bases: [String]
        /// The memory budget.
        let budget: MemorySize
    }

    /// The text of the configuration.
    func yaml(_ setting: Setting) -> String {
        """
        # Written by 'sarai init' from the files below \(setting.source). Yours to change: 'sarai config check' says what is
        # wrong, 'sarai plan' whether it fits, and docs/configuration.md explains every key.

        models:
        \(entries.map { text(of: $0, setting) }.joined(separator: "\n"))
        memory:
          max_ram_gb: \(Self.budget(setting.budget))
          max_concurrent_llms: \(max(3, entries.count { !$0.role.readsInOneStep && $0.role != .speech }))
          strategy: hybrid_http_gguf          # what is loaded stays loaded

        """
    }

    private func text(of entry: Entry, _ setting: Setting) -> String {
        var lines = ["  # \(entry.comment)", "  \(Self.scalar(entry.name)):", "    role: \(entry.role.rawValue)"]
        if let server, let remote = entry.remote {
            lines += [
                "    backend: \(server.backend)".padded("# the server answers …"),
                "    model: \(Self.scalar(remote))",
                "    servers: [\(Self.address(server))]",
                "    fallback: gguf_native".padded("# … and when it does not, this file"),
            ]
        } else {
            lines.append("    backend: \(entry.whisper == nil ? "gguf_native" : "whisper_native")")
        }
        func add(_ key: String, _ path: String?) {
            if let path {
                lines.append("    \(key): \(Self.scalar(Self.relative(path, to: setting.bases)))")
            }
        }
        add("gguf", entry.gguf)
        add("mmproj", entry.mmproj)
        add("whisper", entry.whisper)
        if entry.remote != nil {
            let guess = entry.isSameFile ? "it looks so" : "it does not look so"
            lines.append("    # same_model: true".padded("# if both are the same file (\(guess)), answers that"))
            lines.append("".padded("# break off are continued in the middle"))
        }
        if entry.isBestEffort {
            lines.append("    best_effort: true".padded("# too large beside the others: loaded when there is room"))
        }
        if let contextLength = entry.contextLength {
            lines.append("    context_length: \(contextLength)".padded("# it was trained for no more"))
        }
        if entry.role == .embedding {
            lines.append("    resident: true".padded("# loaded at start"))
        }
        if entry.role == .speech {
            lines.append("    keep_alive: 5m".padded("# then its worker ends"))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The server's address, which a variable may change.
    private static func address(_ server: ServerCatalogue) -> String {
        server.backend == "ollama_http" ? "\"${OLLAMA_BASE_URL:-\(server.url)}\"" : scalar(server.url)
    }

    /// Whole GiB, where there are several.
    private static func budget(_ size: MemorySize) -> String {
        let gibibytes = (Double(size.bytes) / Double(MemorySize.gibibytes(1).bytes)).rounded()
        return gibibytes >= 2
            ? "\(Int(gibibytes))".padded("# GiB for all models on this machine together", to: 24)
            : "\(size.bytes >> 20)MiB".padded("# for all models on this machine together", to: 24)
    }

    private static func relative(_ path: String, to bases: [String]) -> String {
        bases.first { path.hasPrefix($0 + "/") }.map { String(path.dropFirst($0.count + 1)) } ?? path
    }

    /// A text as a YAML scalar that means nothing else.
    private static func scalar(_ text: String) -> String {
        let value = text.replacing("$", with: "$$")
        let isPlain = value.wholeMatch(of: /[A-Za-z\/~][A-Za-z0-9_.\/~+-]*(:[A-Za-z0-9_.\/-]+)*/) != nil
        let words = ["true", "false", "yes", "no", "on", "off", "null", "~"]
        guard !isPlain || words.contains(value.lowercased()) else {
            return value
        }
        let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n").replacing("\t", with: "\\t")
        return "\"\(escaped)\""
    }
}

extension String {
    /// The text with a comment in a column of its own behind it.
    fileprivate func padded(_ comment: String, to column: Int = 38) -> String {
        let gap = String(repeating: " ", count: max(2, column - count))
        return self + gap + comment
    }
}
