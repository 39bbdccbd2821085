import SaraiCore

/// One key of a section: the only place where its name, type, meaning and variable are written down.
///
/// Decoding, the unknown-key suggestions, the JSON Schema and the reference page all follow from it. Its default is the
/// value that its property has in the section's ``Section/defaults``.
struct ConfigurationKey<Draft>: Sendable {
    /// The key as the file writes it.
    let name: String
    /// The values it takes: `a whole number from 1 to 64`.
    let noun: String
    /// What it does, in one or two sentences.
    let summary: String
    /// The environment variable that overrides the file.
    let variable: OverridingVariable?
    /// The command's flag that overrides everything.
    let flag: String?
    /// The default in words, where it is not a constant.
    let defaultText: String?
    /// Which targets a model must have for the key to have an effect.
    let needs: TargetNeed
    /// When a running daemon that is told to read the file again takes a new value over.
    let effect: Effect
    /// Whether a mapping must have the key.
    let isRequired: Bool
    /// The JSON Schema of the value.
    let schema: JSONValue
    /// Reads the value into the draft.
    let read: @Sendable (SourceValue, inout ValueReader, inout Draft) -> Void
    /// The draft's value as the file would say it; `nil` when it is not set.
    let render: @Sendable (Draft) -> String?
    /// The draft's value as the schema's `default` says it; `nil` when it is not set.
    let json: @Sendable (Draft) -> JSONValue?
    /// The values inside the draft's value, where that is made of mappings; the text is the key's path.
    let inner: @Sendable (Draft, String) -> [EffectiveValue]
    /// Whether two drafts have different values.
    let differs: @Sendable (Draft, Draft) -> Bool

    /// A key whose property always has a value.
    init<Value: Equatable & SendableMetatype>(
        _ name: String, _ type: ValueType<Value>, _ property: any WritableKeyPath<Draft, Value> & Sendable,
        variable: OverridingVariable? = nil, flag: String? = nil, defaultText: String? = nil,
        needs: TargetNeed = .any, effect: Effect = .onReload, _ summary: String
    ) {
        self.name = name
        noun = type.noun
        self.summary = summary
        self.variable = variable
        self.flag = flag
        self.defaultText = defaultText
        self.needs = needs
        self.effect = effect
        isRequired = false
        schema = type.schema
        read = { source, reader, draft in
            if let value = type.read(source, &reader) {
                draft[keyPath: property] = value
            }
        }
        render = { type.render($0[keyPath: property]) }
        json = { defaultText == nil ? type.json($0[keyPath: property]) : nil }
        inner = { type.inner($0[keyPath: property], $1) }
        differs = { $0[keyPath: property] != $1[keyPath: property] }
    }

    /// A key whose property is `nil` when nobody sets it.
    init<Value: Equatable & SendableMetatype>(
        _ name: String, _ type: ValueType<Value>, _ property: any WritableKeyPath<Draft, Value?> & Sendable,
        variable: OverridingVariable? = nil, flag: String? = nil, defaultText: String? = nil,
        needs: TargetNeed = .any, effect: Effect = .onReload, isRequired: Bool = false, _ summary: String
    ) {
        self.name = name
        noun = type.noun
        self.summary = summary
        self.variable = variable
        self.flag = flag
        self.defaultText = isRequired ? "required" : defaultText
        self.needs = needs
        self.effect = effect
        self.isRequired = isRequired
        schema = type.schema
        read = { source, reader, draft in
            if let value = type.read(source, &reader) {
                draft[keyPath: property] = value
            }
        }
        render = { $0[keyPath: property].map(type.render) }
        json = { $0[keyPath: property].map(type.json) }
        inner = { draft, keyPath in draft[keyPath: property].map { type.inner($0, keyPath) } ?? [] }
        differs = { $0[keyPath: property] != $1[keyPath: property] }
    }
}

/// When a running daemon that is told to read the file again takes a new value over.
enum Effect: Sendable {
    /// At once.
    case onReload
    /// When it is started again.
    case onRestart
}

/// The variable that overrides a key.
enum OverridingVariable: Sendable {
    /// One variable.
    case named(String)
    /// One variable per model: the model's name in capitals, and this suffix.
    case suffix(String)

    /// The variable's name; `nil` for a variable per model when there is no model.
    func name(for model: ModelName?) -> String? {
        switch self {
        case .named(let name):
            return name
        case .suffix(let suffix):
            return model.map { Self.prefix(for: $0) + suffix }
        }
    }

    /// The name as the reference page writes it: `<MODEL>_PREFER_HTTP`.
    var placeholder: String {
        switch self {
        case .named(let name): name
        case .suffix(let suffix): "<MODEL>" + suffix
        }
    }

    private static func prefix(for model: ModelName) -> String {
        String(model.rawValue.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}

/// Which targets a model must have for a key to have an effect.
enum TargetNeed: Sendable {
    case any, remote, local, gguf, whisper, both

    /// Whether a model with targets of such kinds satisfies the need.
    func isMet(by kinds: Set<TargetKind>) -> Bool {
        let hasRemote = kinds.contains { !$0.isLocal }, hasLocal = kinds.contains(where: \.isLocal)
        return switch self {
        case .any: true
        case .remote: hasRemote
        case .local: hasLocal
        case .gguf: kinds.contains(.gguf)
        case .whisper: kinds.contains(.whisper)
        case .both: hasRemote && hasLocal
        }
    }

    /// What such a model lacks, for a warning.
    var lack: String {
        switch self {
        case .any: ""
        case .remote: "the model has no server (its backend is on this machine)"
        case .local: "the model has no local target (no backend or fallback is gguf_native or whisper_native)"
        case .gguf: "the model has no GGUF file (no backend or fallback is gguf_native)"
        case .whisper: "the model is no Whisper model (no backend or fallback is whisper_native)"
        case .both: "the model has only one kind of target"
        }
    }
}
