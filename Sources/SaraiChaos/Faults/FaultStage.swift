import NIOCore

/// How a connection to a client ends, or why nothing more comes on it.
enum Cut: Hashable {
    case stall
    case blackHole
    case halfClose
    case close
    case reset
}

/// What is to be done for a client, in order.
enum ResponseElement: Hashable {
    /// To forward.
    case slice(HTTPSlice)
    /// From here on what follows comes differently.
    case pace(Fault.Effect)
    /// From here on nothing follows.
    case cut(Cut)
    /// Here a fault begins. Sends nothing.
    case fault
}

/// One fault at work on one response.
struct FaultStage {
    /// What changes bytes once the trigger is reached.
    private enum Alteration {
        case flip(remaining: Int)
        case garbage
    }

    private enum State {
        case searching(TriggerPoint)
        case altering(Alteration)
        case passing
        case cut
    }

    private let effect: Fault.Effect
    /// Whether head and framing are altered like payload.
    private let altersFraming: Bool
    private var state: State

    /// A fault that a response is going to meet.
    init(_ fault: Fault) {
        effect = fault.effect
        altersFraming = fault.trigger == .beforeHeaders || fault.trigger == .accept
        state = .searching(TriggerPoint(fault.trigger))
    }

    /// Lets an element through, changed as the fault demands.
    mutating func pass(_ element: ResponseElement, random: inout SplitMix64) -> [ResponseElement] {
        switch (state, element) {
        case (.cut, _): return []
        case (_, .pace), (_, .cut), (_, .fault), (.passing, _): return [element]
        case (.altering, .slice(let slice)): return [.slice(alter(slice, random: &random))]
        case (.searching(var point), .slice(let slice)):
            let split = point.split(slice)
            guard let after = split.after else {
                state = .searching(point)
                return split.before.map { .slice($0) }
            }
            let opening = begin()
            return split.before.map { .slice($0) } + opening
                + after.flatMap { pass(.slice($0), random: &random) }
        }
    }

    private mutating func begin() -> [ResponseElement] {
        if let cut = effect.cut {
            state = .cut
            return [.fault, .cut(cut)]
        }
        switch effect {
        case .flip(let offset): state = .altering(.flip(remaining: offset))
        case .garbage: state = .altering(.garbage)
        default:
            state = .passing
            return [.fault, .pace(effect)]
        }
        return [.fault]
    }

    private mutating func alter(_ slice: HTTPSlice, random: inout SplitMix64) -> HTTPSlice {
        guard case .altering(let alteration) = state, let bytes = slice.bytes else {
            return slice
        }
        if case .payload(_, let remaining) = slice {
            return .payload(alter(bytes, alteration, random: &random), remaining: remaining)
        }
        return altersFraming ? .framing(alter(bytes, alteration, random: &random)) : slice
    }

    private mutating func alter(
        _ bytes: ByteBuffer, _ alteration: Alteration, random: inout SplitMix64
    ) -> ByteBuffer {
        var altered = Array(bytes.readableBytesView)
        switch alteration {
        case .flip(let remaining) where remaining < altered.count:
            altered[remaining] = ~altered[remaining]
            state = .passing
        case .flip(let remaining):
            state = .altering(.flip(remaining: remaining - altered.count))
        case .garbage:
            for index in altered.indices where altersFraming || altered[index] != UInt8(ascii: "\n") {
                altered[index] = Self.garbage(random: &random)
            }
        }
        return ByteBuffer(bytes: altered)
    }

    /// Any byte but a line end.
    private static func garbage(random: inout SplitMix64) -> UInt8 {
        let byte = UInt8.random(in: 0..<255, using: &random)
        return byte < UInt8(ascii: "\n") ? byte : byte + 1
    }
}

extension Fault.Effect {
    /// How the connection to the client ends; `nil` for effects that are no end.
    var cut: Cut? {
        switch self {
        case .stall: .stall
        case .blackHole: .blackHole
        case .halfClose: .halfClose
        case .close: .close
        case .reset: .reset
        default: nil
        }
    }
}
