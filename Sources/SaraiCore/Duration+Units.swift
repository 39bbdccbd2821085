extension Duration {
    /// The duration in seconds, with fraction.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// The duration in whole nanoseconds, as Ollama's API counts time.
    package var nanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }

    /// A duration of `value` milliseconds, as llama-server reports timings.
    package static func milliseconds(fraction value: Double) -> Duration {
        .nanoseconds(Int64((value * 1e6).rounded()))
    }
}
