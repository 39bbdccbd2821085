import Sarai
import SaraiConfiguration

/// Looks at everything that Sarai needs on this machine. Changes nothing, loads nothing, generates nothing.
struct Doctor {
    /// What was asked for with `--config`.
    let source: ConfigurationOptions
    /// The daemon that was named; `nil` means the one that the configuration describes.
    let address: DaemonAddress?

    /// Makes all checks.
    func examine() async throws -> Diagnosis {
        let loaded: LoadedConfiguration
        do {
            loaded = try source.load()
        } catch {
            let check = Check.fail(
                "configuration", "\(error)",
                advice: "Correct it; 'sarai config check' looks again. docs/configuration.md explains the keys.")
            return Diagnosis(checks: [check] + MachineChecks.folders(.current))
        }
        let configuration = loaded.configuration
        let plan = ConfigurationPlan(configuration)
        let address = address ?? DaemonAddress(configuration.server.listen)
        let daemon = try await DaemonProbe.probe(address)
        var checks = Self.checks(of: loaded)
        checks += await EngineChecks.check(configuration)
        checks += plan.entries.compactMap(ModelFileCheck.check)
        checks += MachineChecks.memory(plan, daemonRuns: daemon.isSarai)
        checks += MachineChecks.folders(.current)
        checks += try await ServerChecks.check(configuration)
        checks += daemon.checks(at: address)
        return Diagnosis(checks: checks)
    }

    private static func checks(of loaded: LoadedConfiguration) -> [Check] {
        let models = loaded.configuration.models.count
        return [.ok("configuration", "\(loaded.file) is valid, with \(models) models")]
            + loaded.warnings.map { .warn("configuration", $0.description) }
    }
}
