import SaraiCore

extension WayOutFinder {
    /// One setting of one model, smaller than the configuration allows.
    struct Relaxation {
        let index: Int
        let model: PlannedModel
        let setting: PlanSetting
        /// The setting's value is the one in these.
        var settings: LoadSettings
        /// Memory that it saves by itself.
        var saving = MemorySize.zero

        /// Settings with this one smaller; all others stay as the configuration allows.
        func applied(to settings: LoadSettings) -> LoadSettings {
            if setting == .contextLength, let candidate = model.candidate {
                return candidate.withContext(self.settings.contextLength, settings)
            }
            var changed = settings
            setting.copy(from: self.settings, to: &changed)
            return changed
        }

        var change: WayOut.Change {
            WayOut.Change(model: model.name, key: setting.allowanceKey, value: setting.value(in: settings))
        }
    }

    /// Smaller settings, each by itself; and if none is enough, the smallest set of them that is.
    var settingWays: [WayOut] {
        guard reduction.total > limits.room else {
            return []
        }
        let singles = PlanSetting.allCases.flatMap { setting in
            kept.flatMap { relaxations($0.index, $0.model, setting) }
        }
        let ways = singles.map { way(for: [$0]) }
        return ways + (ways.contains(where: \.suffices) ? [] : combination.map { [$0] } ?? [])
    }

    /// Some smaller settings as a way out.
    func way(for relaxations: [Relaxation]) -> WayOut {
        var groups: [(value: String, names: [String])] = []
        for relaxation in relaxations.sorted(by: { ($0.setting, $0.index) < ($1.setting, $1.index) }) {
            let value = "\(relaxation.setting.allowanceKey) \(relaxation.setting.value(in: relaxation.settings))"
            if let last = groups.indices.last, groups[last].value == value {
                groups[last].names.append(relaxation.model.name.rawValue)
            } else {
                groups.append((value, [relaxation.model.name.rawValue]))
            }
        }
        let text = groups.map { "\($0.value) for \($0.names.inWords)" }.joined(separator: ", ")
        let saves = reduction.total - total(of: relaxations)
        return way(.settings, "Allow \(text)", changes: relaxations.map(\.change), saves: saves)
    }

    /// What everything takes with some settings smaller.
    func total(of relaxations: [Relaxation]) -> MemorySize {
        var changed = reduction
        // The context first: the step of an embedding model must hold it, and can be smaller only after it.
        for relaxation in relaxations.sorted(by: { $0.setting > $1.setting }) {
            if let settings = changed.settings[relaxation.index] {
                changed.set(relaxation.index, relaxation.applied(to: settings))
            }
        }
        return changed.total
    }

    // MARK: One at a time

    /// One setting of a model as it is in other settings, and what that saves by itself.
    func relaxation(
        _ index: Int, _ model: PlannedModel, _ setting: PlanSetting, _ smaller: LoadSettings
    ) -> Relaxation {
        var relaxation = Relaxation(index: index, model: model, setting: setting, settings: smaller)
        relaxation.saving = reduction.total - total(of: [relaxation])
        return relaxation
    }

    private func relaxations(_ index: Int, _ model: PlannedModel, _ setting: PlanSetting) -> [Relaxation] {
        guard let candidate = model.candidate, let settings = reduction.settings[index],
            settings.loadMode != .engineDefault
        else {
            return []
        }
        let relaxed = candidate.relaxed
        func relaxation(_ smaller: LoadSettings) -> Relaxation? {
            let relaxation = self.relaxation(index, model, setting, smaller)
            return relaxation.saving > .zero ? relaxation : nil
        }
        switch setting {
        case .loadMode: return [relaxation(settings.with(\.loadMode, .mapped))].compactMap(\.self)
        case .microBatch:
            let smallest = relaxed.withContext(settings.contextLength, settings).microBatch
            let step = settings.isEmbedding ? smallest : min(settings.microBatch, relaxed.allowance.minMicroBatch)
            return [relaxation(settings.with(\.microBatch, step))].compactMap(\.self)
        case .slots: return [relaxation(settings.with(\.slots, 1))].compactMap(\.self)
        case .cacheType:
            let others = relaxed.allowance.cacheTypes.drop { $0 != settings.cacheType }.dropFirst()
            let found = others.compactMap { relaxation(settings.with(\.cacheType, $0)) }
            // A type that is worse than one that suffices is no use.
            let enough = found.firstIndex { suffices($0.saving) } ?? found.endIndex
            return Array(found.prefix(enough + 1))
        case .contextLength:
            return longestContext(candidate, settings, fits: { suffices(size(index) - candidate.size($0)) })
                .flatMap { relaxation(candidate.withContext($0, settings)) }.map { [$0] } ?? []
        }
    }

    /// The longest context with which everything fits; where none does, half of what is there, but no less than is of use.
    func longestContext(
        _ candidate: LocalCandidate, _ settings: LoadSettings, fits: (LoadSettings) -> Bool
    ) -> Int? {
        let block = LocalCandidate.contextBlock
        let shortest = candidate.relaxed.allowance.minContextLength
        guard settings.contextLength > shortest else {
            return nil
        }
        let blocks = stride(from: shortest, to: settings.contextLength, by: block)
        return blocks.reversed().first { fits(candidate.withContext($0, settings)) }
            ?? max(shortest, settings.contextLength / 2 / block * block)
    }
}

extension LocalCandidate {
    /// The candidate as if the configuration allowed everything that still is of use.
    var relaxed: LocalCandidate {
        var copy = self
        let types: [LoadSettings.CacheType] = [.q8, .q4]
        copy.allowance.cacheTypes += types.filter { !allowance.cacheTypes.contains($0) }
        copy.allowance.loadModes += allowance.loadModes.contains(.mapped) ? [] : [.mapped]
        copy.allowance.minSlots = min(allowance.minSlots, 1)
        copy.allowance.minMicroBatch = min(allowance.minMicroBatch, 128)
        // A passage to embed may be short; a conversation needs some room.
        copy.allowance.minContextLength = min(allowance.minContextLength, wanted.isEmbedding ? 256 : 512)
        return copy
    }
}

extension PlanSetting {
    /// The key that must change for the plan to go further.
    fileprivate var allowanceKey: String {
        switch self {
        case .loadMode, .cacheType, .microBatch: rawValue
        case .slots: "min_slots"
        case .contextLength: "min_context_length"
        }
    }

    /// Whether settings go further than is allowed.
    func isBeyond(_ allowance: LocalCandidate.Allowance, _ settings: LoadSettings) -> Bool {
        switch self {
        case .loadMode: !allowance.loadModes.contains(settings.loadMode)
        case .cacheType: !allowance.cacheTypes.contains(settings.cacheType)
        case .microBatch: settings.microBatch < allowance.minMicroBatch
        case .slots: settings.slots < allowance.minSlots
        case .contextLength: settings.contextLength < allowance.minContextLength
        }
    }
}
