import Logging
package import SaraiConfiguration
import SaraiCore

/// Reads a running daemon's configuration again and puts it into effect, one time after the other.
///
/// An actor so that who asks later also reads later: the last request's file is what remains.
package actor Reloader {
    private let pool: ModelPool
    private let load: @Sendable () throws(ConfigurationError) -> LoadedConfiguration
    private let onReload: @Sendable () -> [String]

    /// A reloader.
    ///
    /// - Parameters:
    ///   - pool: what takes the configuration over.
    ///   - load: reads the files again from which the daemon was started.
    ///   - onReload: called when a configuration was put into effect, also one in which nothing changed: files that it
    ///     names may have. Returns what then works and is probably not meant.
    package init(
        pool: ModelPool, load: @escaping @Sendable () throws(ConfigurationError) -> LoadedConfiguration,
        onReload: @escaping @Sendable () -> [String]
    ) {
        self.pool = pool
        self.load = load
        self.onReload = onReload
    }

    /// Reads the configuration again and puts it into effect.
    ///
    /// - Parameter isDryRun: whether only to say what that would change.
    /// - Returns: what it changes.
    /// - Throws: ``SaraiConfiguration/ConfigurationError`` with everything that is wrong, and ``SaraiCore/PoolError`` when the
    ///   daemon is about to end. Nothing is changed then.
    package func reload(isDryRun: Bool = false) throws -> ReloadReport {
        guard !pool.isShuttingDown else {
            throw PoolError.shuttingDown
        }
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try load()
        } catch {
            for problem in error.problems {
                pool.logger.error("configuration not reloaded", metadata: ["problem": "\(problem)"])
            }
            throw error
        }
        let wanted = loaded.configuration
        let difference =
            isDryRun ? ConfigurationDifference(from: pool.configuration, to: wanted) : pool.reload(wanted)
        var findings: [String] = []
        if !isDryRun {
            findings = onReload()
            if difference.isEmpty {
                pool.logger.notice("configuration unchanged", metadata: ["file": "\(loaded.file)"])
            }
        }
        let missing = loaded.missingFiles.map { file in
            "\(file.keyPath): there is no \(file.path); \(wanted.remedy(forMissing: file.path))"
        }
        return ReloadReport(
            file: loaded.file, isDryRun: isDryRun, difference: difference,
            warnings: loaded.warnings.map(\.description) + missing + findings)
    }
}

/// What came of reading the configuration again.
package struct ReloadReport: Codable, Hashable, Sendable {
    /// The configuration file.
    package let file: String
    /// Whether nothing was put into effect.
    package let isDryRun: Bool
    /// What differs from what was in effect.
    package let difference: ConfigurationDifference
    /// What works and is probably not meant, a line each.
    package let warnings: [String]

    private enum CodingKeys: String, CodingKey {
        case file, warnings
        case isDryRun = "dry_run"
    }

    /// A report.
    init(file: String, isDryRun: Bool, difference: ConfigurationDifference, warnings: [String]) {
        self.file = file
        self.isDryRun = isDryRun
        self.difference = difference
        self.warnings = warnings
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        file = try container.decode(String.self, forKey: .file)
        isDryRun = try container.decode(Bool.self, forKey: .isDryRun)
        warnings = try container.decode([String].self, forKey: .warnings)
        difference = try ConfigurationDifference(from: decoder)
    }

    /// The difference's members stand beside the others.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(isDryRun, forKey: .isDryRun)
        try container.encode(warnings, forKey: .warnings)
        try difference.encode(to: encoder)
    }
}

/// Why a configuration was not taken over, in JSON.
package struct ReloadRefusal: Codable, Hashable, Sendable {
    /// Everything, for a person: a line for each problem.
    package let error: String
    /// Everything, for a program.
    package let problems: [ProblemReport]

    /// The refusal that an error stands for.
    package init(_ error: ConfigurationError) {
        self.error = "\(error)"
        problems = error.problems.map(ProblemReport.init)
    }
}
