extension Fault: Codable {
    /// Understands a JSON object.
    ///
    /// - Throws: ``FaultError`` for wrong keys and values, `DecodingError` for what is no object of plain values.
    package init(from decoder: any Decoder) throws {
        var fields = FaultFields(try decoder.singleValueContainer().decode([String: FaultFields.Value].self))
        try self.init(&fields)
    }

    /// Writes the keys that the fault needs, and the trigger also where it is the default.
    package func encode(to encoder: any Encoder) throws {
        var fields = effect.fields.merging(filter.fields) { first, _ in first }
        fields["fault"] = .text(effect.name)
        if effect.kind != .port {
            fields.merge(trigger.fields) { first, _ in first }
        }
        var container = encoder.singleValueContainer()
        try container.encode(fields)
    }
}

extension FaultFields.Value: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .bool(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }
}

extension Fault.Effect {
    fileprivate var fields: [String: FaultFields.Value] {
        switch self {
        case .latency(let milliseconds, let jitter): ["ms": .integer(milliseconds), "jitter": .integer(jitter)]
        case .bandwidth(let bytesPerSecond): ["bytes_per_second": .integer(bytesPerSecond)]
        case .slowLoris(let milliseconds), .coalesce(let milliseconds): ["ms": .integer(milliseconds)]
        case .flip(let offset): ["offset": .integer(offset)]
        case .status(let answer):
            ["code": .integer(answer.code), "body": .text(answer.body)].merging(
                answer.retryAfter.map { ["retry_after": .integer($0)] } ?? [:]
            ) { first, _ in first }
        case .split, .garbage, .stall, .blackHole, .halfClose, .close, .reset, .refuse, .unreachable: [:]
        }
    }
}

extension Fault.Trigger {
    fileprivate var fields: [String: FaultFields.Value] {
        switch self {
        case .afterBytes(let count): ["after_bytes": .integer(count)]
        case .afterLines(let count): ["after_lines": .integer(count)]
        case .afterContent(let count, let plusBytes):
            ["after_content": .integer(count), "plus_bytes": .integer(plusBytes)]
        case .accept, .request, .beforeHeaders, .afterHeaders, .beforeLastLine, .atEnd:
            Self.named.first { $0.value == self }.map { ["when": .text($0.key)] } ?? [:]
        }
    }
}

extension RequestFilter {
    fileprivate var fields: [String: FaultFields.Value] {
        var fields: [String: FaultFields.Value] = [:]
        fields["path"] = path.map { .text($0) }
        fields["all"] = includesAllMethods ? .bool(true) : nil
        fields["every"] = every == 1 ? nil : .integer(every)
        fields["probability"] = probability == 1 ? nil : .number(probability)
        fields["times"] = times.map { .integer($0) }
        return fields
    }
}
