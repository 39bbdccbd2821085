/// The left factor of a product: rows of numbers.
struct RowMatrix {
    let base: UnsafePointer<Double>
    let rows: Int
    /// Numbers from one row to the next.
    let stride: Int
}

/// The right factor of a product: columns in panels of four, which are computed at once.
struct PanelMatrix {
    let base: UnsafePointer<Double>
    /// Columns divided by four.
    let panels: Int
    /// Rows.
    let depth: Int
    /// Numbers from one row to the next.
    let stride: Int
    /// Numbers from one panel to the next.
    let panelStride: Int
}

/// Multiplies matrices: nearly all the time of the recursive head is spent here.
///
/// In double precision: recursion amplifies what rounding adds, measured 60-fold in the shipped network and some
/// thousand times in trained ones that recur more. Single precision would not leave five digits of a score.
///
/// - Parameters:
///   - left: at least as wide as `right` is deep.
///   - right: the other factor.
///   - result: the first row of the product.
///   - stride: numbers from one row of the product to the next.
///   - adding: whether the product is added to what `result` holds, rather than put there.
func multiply(
    _ left: RowMatrix, _ right: PanelMatrix, into result: UnsafeMutablePointer<Double>, stride: Int,
    adding: Bool = false
) {
    for panel in 0..<right.panels {
        let column = right.base + panel * right.panelStride
        let target = result + panel * 4
        var row = 0
        // Four rows at a time: each panel row is loaded once for them, and their sums, two registers of SSE each, are
        // kept.
        while row + 4 <= left.rows {
            var a = left.base + row * left.stride
            var b = column
            let c = target + row * stride
            var (c0, c1, c2, c3) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
            if adding {
                (c0, c1, c2, c3) = (c.four, (c + stride).four, (c + 2 * stride).four, (c + 3 * stride).four)
            }
            for _ in 0..<right.depth {
                let values = b.four
                c0 += values * SIMD4(repeating: a[0])
                c1 += values * SIMD4(repeating: a[left.stride])
                c2 += values * SIMD4(repeating: a[2 * left.stride])
                c3 += values * SIMD4(repeating: a[3 * left.stride])
                a += 1
                b += right.stride
            }
            c.four = c0
            (c + stride).four = c1
            (c + 2 * stride).four = c2
            (c + 3 * stride).four = c3
            row += 4
        }
        while row < left.rows {
            let a = left.base + row * left.stride
            let c = target + row * stride
            var sum = adding ? c.four : .zero
            for index in 0..<right.depth {
                sum += (column + index * right.stride).four * SIMD4(repeating: a[index])
            }
            c.four = sum
            row += 1
        }
    }
}
