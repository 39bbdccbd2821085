import SaraiMemory

/// What a model would take whose file is not configured, and perhaps not on this machine yet.
struct FilePlan {
    /// One way to load it, and what it takes.
    struct Way {
        let settings: LoadSettings
        let footprint: Footprint
    }

    /// The model's file.
    let model: FilePlanFile
    /// The multimodal projector's file.
    let projector: FilePlanFile?
    /// As Sarai loads it, with the weights mapped.
    let sarai: Way
    /// As the engine loads it unless told otherwise.
    let engine: Way
    /// This machine; `nil` where the operating system does not tell.
    let machine: MachineMemory?

    /// Estimates.
    init(_ options: FilePlanOptions, _ files: FilePlanFiles) {
        model = files.model
        projector = files.projector
        let settings = options.settings(for: model.header)
        let engineDefaults = LoadSettings.engineDefaults(for: model.header, isEmbedding: settings.isEmbedding)
        sarai = Self.way(settings, model.header, projector?.header)
        engine = Self.way(engineDefaults, model.header, projector?.header)
        machine = try? MachineMemory.read()
    }

    private static func way(_ settings: LoadSettings, _ model: GGUFHeader, _ projector: GGUFHeader?) -> Way {
        let estimator = FootprintEstimator(model: model, projector: projector, settings: settings)
        return Way(settings: settings, footprint: estimator.estimate())
    }

    /// Whether this machine has the memory, other things that run aside; `nil` where that is not known.
    var fits: Bool? {
        machine.map { sarai.footprint.resident <= $0.usable }
    }

    /// The files, the model's first.
    var files: [FilePlanFile] {
        [model] + (projector.map { [$0] } ?? [])
    }
}
