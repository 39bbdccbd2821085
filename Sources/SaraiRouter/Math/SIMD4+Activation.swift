extension SIMD4<Double> {
    /// SiLU, x · sigmoid(x), exact to 10⁻¹².
    @inline(__always)
    var silu: Self {
        self / (1 + (-self).exponential)
    }

    /// e to each power between −700 and 700; powers beyond count as these.
    ///
    /// e^x = 2^n · e^r with a whole n and |r| ≤ ½ ln 2, where ten terms of Taylor's series are exact to 10⁻¹².
    @inline(__always)
    private var exponential: Self {
        let power = replacing(with: 700, where: self .> 700).replacing(with: -700, where: self .< -700)
        // Adding 1.5 · 2⁵² leaves no bits for a fraction: it rounds, and the lowest bits of the sum are n.
        let rounder = 0x1.8p52
        let sum = power * 0x1.71547652b82fep0 + rounder
        let n = sum - rounder
        // ln 2 in two parts, the first of few bits, so that the subtraction loses none.
        let r = power - n * 0x1.62e42fefp-1 - n * 0x1.473de6af278edp-34
        // In pairs of terms, which do not wait for each other.
        let square = r * r
        let low = (1 + r) + r.line(0.5, 1.0 / 6) * square
        let middle = r.line(1.0 / 24, 1.0 / 120) + r.line(1.0 / 720, 1.0 / 5040) * square
        let high = r.line(1.0 / 40_320, 1.0 / 362_880) + square * (1.0 / 3_628_800)
        let fourth = square * square
        let series = low + (middle + high * fourth) * fourth
        let bits = unsafeBitCast(sum, to: SIMD4<UInt64>.self) &- SIMD4<UInt64>(repeating: rounder.bitPattern) &+ 1023
        return series * unsafeBitCast(bits &<< 52, to: SIMD4<Double>.self)
    }

    /// `constant` + `slope` · x.
    @inline(__always)
    private func line(_ constant: Double, _ slope: Double) -> Self {
        self * slope + constant
    }
}
