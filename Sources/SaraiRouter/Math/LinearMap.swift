/// A trained linear map without bias, laid out for ``multiply(_:_:into:stride:adding:)``.
struct LinearMap: Sendable {
    /// Numbers that it takes.
    let inputs: Int
    /// Numbers that it gives, with the zeros that fill each part up to a multiple of four.
    let outputs: Int
    private let panels: [Double]

    /// Lays the weights out.
    ///
    /// - Parameters:
    ///   - weight: `[outputs, inputs]`, row by row.
    ///   - inputs: the length of a row.
    ///   - parts: in how many equal parts the outputs are used, each of which shall begin at a multiple of four.
    init(_ weight: [Float], inputs: Int, parts: Int) {
        let part = weight.count / inputs / parts
        let paddedPart = part.paddedToFour
        var panels = [Double](repeating: 0, count: parts * paddedPart * inputs)
        for output in 0..<parts * part {
            let position = output / part * paddedPart + output % part
            let start = position / 4 * 4 * inputs + position % 4
            for input in 0..<inputs {
                panels[start + input * 4] = Double(weight[output * inputs + input])
            }
        }
        self.inputs = inputs
        self.panels = panels
        outputs = parts * paddedPart
    }

    /// Maps rows.
    ///
    /// - Parameters:
    ///   - rows: each of at least ``inputs`` numbers.
    ///   - result: the first of as many rows of ``outputs`` numbers.
    ///   - stride: numbers from one row of the result to the next.
    ///   - adding: whether the results are added to what `result` holds, rather than put there.
    func apply(to rows: RowMatrix, into result: UnsafeMutablePointer<Double>, stride: Int, adding: Bool = false) {
        panels.withUnsafeBufferPointer { panels in
            guard let base = panels.baseAddress else {
                return
            }
            let matrix = PanelMatrix(
                base: base, panels: outputs / 4, depth: inputs, stride: 4, panelStride: 4 * inputs)
            multiply(rows, matrix, into: result, stride: stride, adding: adding)
        }
    }
}

extension Int {
    /// The next multiple of four.
    var paddedToFour: Int { (self + 3) / 4 * 4 }
}

extension [Float] {
    /// Rows of `width` numbers with zeros that fill each up to a multiple of four.
    func paddedRows(width: Int) -> [Double] {
        var rows = [Double](repeating: 0, count: count / width * width.paddedToFour)
        for index in indices {
            rows[index / width * width.paddedToFour + index % width] = Double(self[index])
        }
        return rows
    }
}
