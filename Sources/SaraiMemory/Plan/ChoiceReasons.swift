import SaraiCore

/// Says why a target is loaded as it is.
struct ChoiceReasons {
    let name: ModelName
    let candidate: LocalCandidate
    /// What the plan chose.
    let settings: LoadSettings

    /// Every choice, the one that users miss least first; none where there is nothing to choose.
    var choices: [MemoryPlan.Choice] {
        guard !settings.isSpeech else {
            return []
        }
        return PlanSetting.allCases.map { setting in
            let wanted = setting == .loadMode ? candidate.allowance.loadModes.first?.rawValue : value(setting, best)
            let value = value(setting, settings)
            return MemoryPlan.Choice(
                setting: setting, value: value, reason: reason(setting), isAsWanted: value == wanted)
        }
    }

    private var best: LoadSettings { candidate.best }

    private func value(_ setting: PlanSetting, _ settings: LoadSettings) -> String {
        setting.value(in: settings)
    }

    private func reason(_ setting: PlanSetting) -> String {
        guard settings.loadMode != .engineDefault else {
            return "what the engine does unless told otherwise"
        }
        let wanted = value(setting, best)
        guard value(setting, settings) == wanted else {
            return "\(wanted) does not fit: this saves \(saving(setting))"
        }
        switch setting {
        case .loadMode: return loadModeReason
        case .microBatch: return microBatchReason
        case .cacheType:
            return candidate.allowance.cacheTypes.count == 1 ? asConfigured(setting) : "preferred, and it fits"
        case .slots, .contextLength: return asConfigured(setting)
        }
    }

    /// What the target would take more with the wanted value.
    private func saving(_ setting: PlanSetting) -> MemorySize {
        var restored = settings
        setting.copy(from: best, to: &restored)
        return candidate.size(restored) - candidate.size(settings)
    }

    private func asConfigured(_ setting: PlanSetting) -> String {
        "as configured (models.\(name).\(setting.rawValue))"
    }

    private var microBatchReason: String {
        if settings.isEmbedding, settings.microBatch == settings.contextLength {
            return "a text to embed must fit in one step"
        }
        return candidate.allowance.minMicroBatch == settings.microBatch
            ? asConfigured(.microBatch) : "the engine's own step, and it fits"
    }

    private var loadModeReason: String {
        guard candidate.allowance.loadModes.count > 1 else {
            return asConfigured(.loadMode)
        }
        let speeds = candidate.speeds
        guard let mapped = speeds[.mapped], let repacked = speeds[.repacked] else {
            let unknown = speeds[.repacked] == nil ? LoadSettings.LoadMode.repacked : .mapped
            return "no speed measured for \(unknown.rawValue); mapped pages can be given back"
        }
        let figures = "\(repacked.formatted(decimals: 1)) tokens/s repacked, \(mapped.formatted(decimals: 1)) mapped"
        return settings.loadMode == .repacked
            ? "clearly faster here: \(figures)" : "repacked is not clearly faster here: \(figures)"
    }
}
