extension Fault {
    /// Understands a text such as `reset,after_bytes=200,times=1`.
    ///
    /// - Throws: ``FaultError``.
    package init(text: String) throws(FaultError) {
        var fields = try FaultFields(text: text)
        try self.init(&fields)
    }

    /// Understands keys and values.
    ///
    /// - Throws: ``FaultError``, also for keys that are left over.
    init(_ fields: inout FaultFields) throws(FaultError) {
        guard let name = try fields.takeText("fault") else {
            throw FaultError("a fault needs its name: 'fault'")
        }
        effect = try Effect(name, &fields)
        switch effect.kind {
        case .port:
            trigger = .accept
            filter = RequestFilter()
        case .answer:
            trigger = try Trigger(&fields, default: .request)
            guard trigger == .request else {
                throw FaultError("'\(name)' has no trigger other than when=request")
            }
            filter = try RequestFilter(&fields, forConnections: false)
        case .alteration, .cut:
            trigger = try Trigger(&fields, default: .beforeHeaders)
            guard trigger != .request || effect.kind == .cut else {
                throw FaultError("'\(name)' changes the response: when=request is too early")
            }
            filter = try RequestFilter(&fields, forConnections: trigger == .accept)
        }
        try fields.requireEmpty(for: name)
    }
}

extension Fault.Effect {
    fileprivate init(_ name: String, _ fields: inout FaultFields) throws(FaultError) {
        self =
            switch name {
            case "latency":
                .latency(
                    milliseconds: try fields.requireInteger("ms", atLeast: 0, for: name),
                    jitter: try fields.takeInteger("jitter") ?? 0)
            case "bandwidth":
                .bandwidth(bytesPerSecond: try fields.requireInteger("bytes_per_second", atLeast: 1, for: name))
            case "slow_loris": .slowLoris(milliseconds: try fields.requireInteger("ms", atLeast: 1, for: name))
            case "split": .split
            case "coalesce": .coalesce(milliseconds: try fields.requireInteger("ms", atLeast: 1, for: name))
            case "flip": .flip(offset: try fields.takeInteger("offset") ?? 0)
            case "garbage": .garbage
            case "stall": .stall
            case "black_hole": .blackHole
            case "half_close": .halfClose
            case "close": .close
            case "reset": .reset
            case "status": .status(try CannedAnswer(&fields))
            case "refuse": .refuse
            case "unreachable": .unreachable
            default: throw FaultError("there is no fault '\(name)'")
            }
    }
}

extension CannedAnswer {
    fileprivate init(_ fields: inout FaultFields) throws(FaultError) {
        let code = try fields.requireInteger("code", atLeast: 200, for: "status")
        guard code < 1000 else {
            throw FaultError("'code' must be a status from 200 to 999")
        }
        self.init(code: code, retryAfter: try fields.takeInteger("retry_after"))
        body = try fields.takeText("body") ?? body
    }
}

extension Fault.Trigger {
    fileprivate init(_ fields: inout FaultFields, default standard: Fault.Trigger) throws(FaultError) {
        let keys = ["when", "after_bytes", "after_lines", "after_content"].filter { fields.has($0) }
        guard keys.count <= 1 else {
            throw FaultError("a fault has one trigger, not '\(keys[0])' and '\(keys[1])'")
        }
        switch keys.first {
        case "after_bytes": self = .afterBytes(try fields.takeInteger("after_bytes") ?? 0)
        case "after_lines": self = .afterLines(try fields.takeInteger("after_lines") ?? 0)
        case "after_content":
            self = .afterContent(
                try fields.takeInteger("after_content") ?? 0, plusBytes: try fields.takeInteger("plus_bytes") ?? 0)
        default:
            let name = try fields.takeText("when")
            guard let trigger = name.map({ Self.named[$0] }) ?? standard else {
                throw FaultError("there is no when=\(name ?? "")")
            }
            self = trigger
        }
    }

    /// The triggers that have no number.
    static let named: [String: Fault.Trigger] = [
        "accept": .accept, "request": .request, "before_headers": .beforeHeaders, "after_headers": .afterHeaders,
        "before_last_line": .beforeLastLine, "at_end": .atEnd,
    ]
}

extension RequestFilter {
    fileprivate init(_ fields: inout FaultFields, forConnections: Bool) throws(FaultError) {
        self.init()
        if !forConnections {
            path = try fields.takeText("path")
            includesAllMethods = try fields.takeBool("all") ?? false
        }
        every = try fields.takeInteger("every", atLeast: 1) ?? 1
        probability = try fields.takeShare("probability") ?? 1
        times = try fields.takeInteger("times")
    }
}
