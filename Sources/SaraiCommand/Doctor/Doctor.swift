import Sarai
import SaraiConfiguration
import SaraiPipelines

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
        let address = address ?? DaemonAddress(configuration.server.listen, tls: configuration.server.tls)
        let daemon = try await DaemonProbe.probe(address)
        var checks = Self.checks(of: loaded)
        checks += await EngineChecks.check(configuration)
        checks += MachineChecks.memory(plan, daemonRuns: daemon.view != nil)
        checks += MachineChecks.folders(.current)
        checks += AccessChecks.check(configuration.server, .current)
        checks += await PipelineChecks.check(configuration)
        checks.append(await RouterChecks.check(configuration, daemon: daemon.view, at: address))
        checks += daemon.checks(at: address)
        let targets = TargetChecks(
            models: configuration.models, plan: plan, surveys: try await ServerSurvey.surveys(of: configuration),
            daemon: daemon.view, logs: WorkerLogs(.current, daemon: address))
        checks += targets.checks()
        return Diagnosis(checks: checks)
    }

    private static func checks(of loaded: LoadedConfiguration) -> [Check] {
        let models = loaded.configuration.models.count
        return [.ok("configuration", "\(loaded.file) is valid, with \(models) models")]
            + loaded.warnings.map { .warn("configuration", $0.description) }
    }
}
