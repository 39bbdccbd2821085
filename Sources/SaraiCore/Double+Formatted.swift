extension Double {
    /// Rounded to so many digits behind the point: what is told to programs has the digits that mean something.
    package func rounded(to digits: Int) -> Double {
        Double(formatted(decimals: digits)) ?? self
    }

    /// The number with exactly `decimals` digits after the point, rounded half away from zero.
    ///
    /// Foundation's formatters follow the locale; what Sarai prints must read the same everywhere.
    ///
    /// - Parameter decimals: 0…9.
    /// - Returns: digits with a point, or `nan`, `inf`, `-inf`.
    package func formatted(decimals: Int) -> String {
        guard isFinite else {
            return isNaN ? "nan" : self < 0 ? "-inf" : "inf"
        }
        var scale = 1
        for _ in 0..<decimals {
            scale *= 10
        }
        let scaled = (magnitude * Double(scale)).rounded()
        guard scaled < 0x1p63 else {
            return description
        }
        let units = Int(scaled)
        let sign = self < 0 && units != 0 ? "-" : ""
        guard decimals > 0 else {
            return sign + String(units)
        }
        let fraction = String(units % scale)
        return sign + "\(units / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
