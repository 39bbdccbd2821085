extension Fault.Effect {
    /// What kind of thing an effect is, which decides where it can begin.
    enum Kind {
        /// Changes how, or as what, the bytes of a response arrive.
        case alteration
        /// Ends what is forwarded.
        case cut
        /// Takes the place of a response.
        case answer
        /// Holds for the port as long as the fault is set.
        case port
    }

    /// The kind of this effect.
    var kind: Kind {
        switch self {
        case .latency, .bandwidth, .slowLoris, .split, .coalesce, .flip, .garbage: .alteration
        case .stall, .blackHole, .halfClose, .close, .reset: .cut
        case .status: .answer
        case .refuse, .unreachable: .port
        }
    }

    /// The name in texts and in JSON.
    var name: String {
        switch self {
        case .latency: "latency"
        case .bandwidth: "bandwidth"
        case .slowLoris: "slow_loris"
        case .split: "split"
        case .coalesce: "coalesce"
        case .flip: "flip"
        case .garbage: "garbage"
        case .stall: "stall"
        case .blackHole: "black_hole"
        case .halfClose: "half_close"
        case .close: "close"
        case .reset: "reset"
        case .status: "status"
        case .refuse: "refuse"
        case .unreachable: "unreachable"
        }
    }
}
