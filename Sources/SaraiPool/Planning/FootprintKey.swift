package import SaraiConfiguration
package import SaraiMemory

/// Names one way to load one version of a model's files with one build of the engine.
package struct FootprintKey: Hashable, Sendable {
    /// The key in the store's file.
    let text: String

    /// The files of a target, and the engine that runs them, as they are now.
    package struct Files: Hashable, Sendable {
        private let text: String

        /// The versions of all files; `nil` where one of them is not there.
        ///
        /// - Parameters:
        ///   - target: its files.
        ///   - engine: path of the program that runs it.
        package init?(_ target: LocalTargetConfiguration, engine: String) {
            var parts: [String] = []
            for path in target.files + [engine] {
                var part = path
                for version in FileVersion.all(of: path) {
                    guard let version else {
                        return nil
                    }
                    part += " \(version)"
                }
                parts.append(part)
            }
            if !target.rpc.isEmpty {
                parts.append("rpc \(target.rpc.joined(separator: ","))")
            }
            text = parts.joined(separator: "; ")
        }

        /// The key of these files, loaded in some way.
        package func key(_ settings: LoadSettings) -> FootprintKey {
            FootprintKey(text: "\(settings); \(text)")
        }

        /// Whether a key is one of these files, loaded in whatever way.
        func own(_ key: String) -> Bool {
            // No settings are written with a semicolon.
            key.drop { $0 != ";" } == "; \(text)"
        }
    }
}
