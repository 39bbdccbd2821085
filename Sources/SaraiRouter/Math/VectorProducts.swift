extension UnsafeBufferPointer<Float> {
    /// The scalar product with a vector of the same length.
    func dot(_ other: UnsafePointer<Float>) -> Float {
        guard let base = baseAddress else {
            return 0
        }
        // Two sums, so that additions do not wait for each other.
        var sums = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        var index = 0
        while index + 16 <= count {
            sums.0 += Self.eight(base + index) * Self.eight(other + index)
            sums.1 += Self.eight(base + index + 8) * Self.eight(other + index + 8)
            index += 16
        }
        var sum = (sums.0 + sums.1).sum()
        while index < count {
            sum += base[index] * other[index]
            index += 1
        }
        return sum
    }

    /// Eight floats, at any alignment.
    @inline(__always)
    private static func eight(_ start: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(start).loadUnaligned(as: SIMD8<Float>.self)
    }
}

extension [Float] {
    /// The cosine of the angle to a vector of the same length; not a number if either is zero.
    func cosine(with other: [Float]) -> Double {
        var product = 0.0
        var squares = (0.0, 0.0)
        for (mine, its) in zip(self, other) {
            product += Double(mine) * Double(its)
            squares.0 += Double(mine) * Double(mine)
            squares.1 += Double(its) * Double(its)
        }
        return product / (squares.0 * squares.1).squareRoot()
    }
}
