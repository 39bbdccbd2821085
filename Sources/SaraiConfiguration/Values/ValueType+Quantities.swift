import SaraiCore

extension ValueType where Value == MemorySize {
    /// A size from 1 byte to `maximum`; a number without a unit counts `defaultUnit`.
    static func size(defaultUnit: MemorySize, named unitName: String, maximum: MemorySize) -> ValueType {
        sizeType(defaultUnit: defaultUnit, named: unitName) { _ in (maximum, "at most \(render(maximum))") }
    }

    /// A share of the machine's memory; a number without a unit counts GiB.
    static let budget = sizeType(defaultUnit: .gibibytes(1), named: "GiB") { surroundings in
        let machine = surroundings.machineMemory
        return (machine, "at most the memory of this machine, \(machine)")
    }

    private static func sizeType(
        defaultUnit: MemorySize, named unitName: String,
        limit: @escaping @Sendable (Surroundings) -> (size: MemorySize, text: String)
    ) -> ValueType {
        let noun = "a size such as '700MiB', '12GB' or a number of \(unitName)"
        return .scalar(
            noun,
            schema: ["type": .array([.string("number"), .string("string")])],
            render: render,
            parse: { text, reader throws(Complaint) in
                guard let size = MemorySize(parsing: text, defaultUnit: defaultUnit) else {
                    throw Complaint(.wrongType, "expected \(noun), found \(SourceValue.quoted(text)).")
                }
                guard size > .zero else {
                    throw Complaint(.outOfRange, "expected a size above 0, found \(SourceValue.quoted(text)).")
                }
                let limit = limit(reader.surroundings)
                guard size <= limit.size else {
                    let isBare = text.allSatisfy { $0.isNumber || $0 == "." }
                    let advice = isBare ? " A number without a unit counts \(unitName)." : ""
                    throw Complaint(.outOfRange, "expected \(limit.text), found \(text) (\(size)).\(advice)")
                }
                return size
            }
        )
    }

    /// The size exactly, in the largest unit that divides it; rounded when none does.
    static func render(_ size: MemorySize) -> String {
        let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KiB", 1 << 10)]
        guard let (name, factor) = units.first(where: { size.bytes.isMultiple(of: $0.1) }), size != .zero else {
            return size.description
        }
        return "\(size.bytes / factor)\(name)"
    }
}

extension ValueType where Value == Duration {
    /// A duration from 1 ms to a day.
    static let duration = ValueType.scalar(
        durationNoun,
        schema: ["type": .array([.string("number"), .string("string")])],
        render: render,
        parse: { text, _ throws(Complaint) in try checked(text, expected: durationNoun) }
    )

    /// A duration from 1 ms to a day, or 0.
    static let durationOrZero = ValueType.scalar(
        durationOrZeroNoun,
        schema: ["type": .array([.string("number"), .string("string")])],
        render: { $0 == .zero ? "0" : render($0) },
        parse: { text, _ throws(Complaint) in
            parse(text) == .zero ? .zero : try checked(text, expected: durationOrZeroNoun)
        }
    )

    private static var durationOrZeroNoun: String { "a duration such as '30s', '2m', a number of seconds, or 0" }

    private static var durationNoun: String { "a duration such as '500ms', '30s', '2m' or a number of seconds" }

    /// Reads a duration from 1 ms to a day.
    fileprivate static func checked(_ text: String, expected noun: String) throws(Complaint) -> Duration {
        guard let duration = parse(text) else {
            throw Complaint(.wrongType, "expected \(noun), found \(SourceValue.quoted(text)).")
        }
        guard duration >= .milliseconds(1), duration <= .seconds(86_400) else {
            throw Complaint(.outOfRange, "expected a duration from 1ms to 24h, found \(SourceValue.quoted(text)).")
        }
        return duration
    }

    private static func parse(_ text: String) -> Duration? {
        let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)]
        let unit = units.first { text.hasSuffix($0.0) }
        let number = text.dropLast(unit?.0.count ?? 0)
        guard !number.isEmpty, number.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let value = Double(number), value * (unit?.1 ?? 1) < 1e9
        else {
            return nil
        }
        return .milliseconds(Int64((value * (unit?.1 ?? 1) * 1000).rounded()))
    }

    /// The duration exactly, in the largest unit that divides it.
    static func render(_ duration: Duration) -> String {
        let milliseconds = duration.nanoseconds / 1_000_000
        let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        guard let (name, factor) = units.first(where: { milliseconds.isMultiple(of: $0.1) }) else {
            return "\(milliseconds)ms"
        }
        return "\(milliseconds / factor)\(name)"
    }
}

extension ValueType where Value == KeepAlive {
    /// A duration from 0, or `forever`.
    static let keepAlive = ValueType.scalar(
        keepAliveNoun,
        schema: ["type": .array([.string("number"), .string("string")])],
        render: { value in
            switch value {
            case .forever: "forever"
            case .limited(let duration): duration == .zero ? "0" : ValueType<Duration>.render(duration)
            }
        },
        parse: { text, _ throws(Complaint) in
            guard let value = KeepAlive(parsing: text) else {
                throw Complaint(.wrongType, "expected \(keepAliveNoun), found \(SourceValue.quoted(text)).")
            }
            return value
        }
    )

    private static var keepAliveNoun: String { "a duration such as '10m', a number of seconds, or 'forever'" }
}

extension ValueType where Value == FailoverConfiguration.SelfProbe {
    /// A duration from 1 ms to a day, or `never`.
    static let selfProbe = ValueType.scalar(
        selfProbeNoun,
        schema: ["type": .array([.string("number"), .string("string")])],
        render: { value in
            switch value {
            case .never: "never"
            case .every(let interval): ValueType<Duration>.render(interval)
            }
        },
        parse: { text, _ throws(Complaint) in
            text == "never" ? .never : .every(try ValueType<Duration>.checked(text, expected: selfProbeNoun))
        }
    )

    private static var selfProbeNoun: String { "a duration such as '10m', a number of seconds, or 'never'" }
}
