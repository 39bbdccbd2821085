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

extension UnsafeBufferPointer<Double> {
    /// The scalar product with a vector of the same length, in double precision.
    func dot(_ other: UnsafePointer<Float>) -> Double {
        guard let base = baseAddress else {
            return 0
        }
        // Two sums, so that additions do not wait for each other.
        var sums = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        var index = 0
        while index + 8 <= count {
            sums.0 += (base + index).four * Self.four(other + index)
            sums.1 += (base + index + 4).four * Self.four(other + index + 4)
            index += 8
        }
        var sum = (sums.0 + sums.1).sum()
        while index < count {
            sum += base[index] * Double(other[index])
            index += 1
        }
        return sum
    }

    /// Four floats, at any alignment.
    @inline(__always)
    private static func four(_ start: UnsafePointer<Float>) -> SIMD4<Double> {
        SIMD4<Double>(UnsafeRawPointer(start).loadUnaligned(as: SIMD4<Float>.self))
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
