extension UnsafeBufferPointer<Float> {
    /// The scalar product with a vector of the same length.
    func dot(_ other: UnsafePointer<Float>) -> Float {
        guard let base = baseAddress else {
            return 0
        }
        var sums = SIMD8<Float>.zero
        var index = 0
        while index + 8 <= count {
            sums += Self.eight(base + index) * Self.eight(other + index)
            index += 8
        }
        var sum = sums.sum()
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
