import SaraiCore

extension WayOutFinder {
    /// Several smaller settings together: what the plan would do if the configuration let it, without anything that is not
    /// needed for that. `nil` where one is enough, or nothing is left to make smaller.
    var combination: WayOut? {
        let models = kept.map { item in
            var model = item.model
            // All of them are to be kept, now that what may be left out is.
            model.isPinned = true
            if let candidate = model.candidate, reduction.settings[item.index]?.loadMode != .engineDefault {
                model.source = .local(candidate.relaxed)
            }
            return model
        }
        var relaxed = PlanReduction(models, maxConcurrentLLMs: limits.maxConcurrentLLMs)
        while relaxed.total > limits.room, relaxed.reduce() {}
        let beyond = zip(kept, relaxed.settings).flatMap { item, settings in
            settings.map { beyondAllowance(item.index, item.model, $0) } ?? []
        }
        let needed = widened(pruned(beyond))
        return needed.count > 1 ? way(for: needed) : nil
    }

    /// The settings that are smaller than the configuration allows.
    private func beyondAllowance(_ index: Int, _ model: PlannedModel, _ smaller: LoadSettings) -> [Relaxation] {
        guard let candidate = model.candidate else {
            return []
        }
        return PlanSetting.allCases.filter { $0.isBeyond(candidate.allowance, smaller) }.map {
            relaxation(index, model, $0, smaller)
        }
    }

    private func isEnough(_ relaxations: [Relaxation]) -> Bool {
        suffices(reduction.total - total(of: relaxations))
    }

    /// As few of the changes as are enough: those that users would miss most are taken back first, of these the ones that
    /// save least.
    private func pruned(_ relaxations: [Relaxation]) -> [Relaxation] {
        guard isEnough(relaxations) else {
            return relaxations
        }
        var needed = relaxations
        for relaxation in relaxations.sorted(by: { ($1.setting, $0.saving) < ($0.setting, $1.saving) }) {
            let rest = needed.filter { $0.index != relaxation.index || $0.setting != relaxation.setting }
            if isEnough(rest) {
                needed = rest
            }
        }
        return needed
    }

    /// The changes with contexts as long as is possible: the plan itself halves them.
    private func widened(_ relaxations: [Relaxation]) -> [Relaxation] {
        guard isEnough(relaxations) else {
            return relaxations
        }
        var widened = relaxations
        for place in widened.indices where widened[place].setting == .contextLength {
            let relaxation = widened[place]
            guard let candidate = relaxation.model.candidate,
                let settings = reduction.settings[relaxation.index]
            else {
                continue
            }
            func with(_ settings: LoadSettings) -> [Relaxation] {
                var changed = widened
                changed[place].settings = settings
                return changed
            }
            if let length = longestContext(candidate, settings, fits: { isEnough(with($0)) }),
                length > relaxation.settings.contextLength
            {
                widened[place].settings = candidate.withContext(length, settings)
            }
        }
        return widened
    }
}
