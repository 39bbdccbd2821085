import SaraiCore

extension LocalCandidate {
    /// A change of one setting that makes the target smaller.
    struct Step {
        let setting: PlanSetting
        let settings: LoadSettings
        /// Memory that it saves; more than nothing.
        let saving: MemorySize
    }

    /// The next change that makes the target smaller, the one that users miss least; `nil` when it is as small as it may be.
    func step(from settings: LoadSettings) -> Step? {
        let size = size(settings)
        return PlanSetting.allCases.lazy.compactMap { step(from: settings, size: size, $0) }.first
    }

    private func step(from settings: LoadSettings, size: MemorySize, _ setting: PlanSetting) -> Step? {
        smaller(setting, than: settings).lazy
            .map { Step(setting: setting, settings: $0, saving: size - self.size($0)) }
            .first { $0.saving > .zero }
    }

    /// The settings with one of them changed as the allowance permits, the mildest change first.
    private func smaller(_ setting: PlanSetting, than settings: LoadSettings) -> [LoadSettings] {
        switch setting {
        // The other way round nothing is saved, whatever two estimates may seem to say.
        case .loadMode: allowance.loadModes.filter { $0 == .mapped }.map { settings.with(\.loadMode, $0) }
        case .cacheType:
            allowance.cacheTypes.drop { $0 != settings.cacheType }.dropFirst().map { settings.with(\.cacheType, $0) }
        case .microBatch:
            Self.halves(of: settings.microBatch, to: microBatchFloor(context: settings.contextLength))
                .map { settings.with(\.microBatch, $0) }
        case .slots: Self.halves(of: settings.slots, to: allowance.minSlots).map { settings.with(\.slots, $0) }
        case .contextLength:
            Self.halves(of: settings.contextLength, to: allowance.minContextLength, block: Self.contextBlock)
                .map { withContext($0, settings) }
        }
    }

    /// The engine rounds contexts up to blocks of so many tokens.
    static let contextBlock = 256

    /// The settings with a shorter context. The step of an embedding model, which had to hold the old one, follows: most of
    /// such a model's memory is the step's.
    func withContext(_ length: Int, _ settings: LoadSettings) -> LoadSettings {
        var changed = settings.with(\.contextLength, length)
        if settings.isEmbedding {
            changed.microBatch = min(settings.microBatch, microBatchFloor(context: length))
        }
        return changed
    }

    private func microBatchFloor(context: Int) -> Int {
        wanted.isEmbedding ? max(allowance.minMicroBatch, context) : allowance.minMicroBatch
    }

    /// Half the number, and half of that, and so on, down to the least that is allowed.
    private static func halves(of number: Int, to least: Int, block: Int = 1) -> [Int] {
        var values: [Int] = []
        var value = number
        while value > max(1, least) {
            let half = ((value + 1) / 2 + block - 1) / block * block
            value = half < value ? max(half, least) : least
            values.append(value)
        }
        return values
    }
}

extension LoadSettings {
    /// A copy with one value changed.
    func with<Value>(_ path: WritableKeyPath<LoadSettings, Value>, _ value: Value) -> LoadSettings {
        var copy = self
        copy[keyPath: path] = value
        return copy
    }
}
