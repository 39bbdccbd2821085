extension Safetensors {
    /// A text of the metadata.
    func text(_ key: String) throws(RouterFileError) -> String {
        guard let text = metadata[key] else {
            throw RouterFileError(name, "its metadata lacks '\(key)'")
        }
        return text
    }

    /// A number of the metadata, written in decimals.
    func number(_ key: String, in range: ClosedRange<Double>) throws(RouterFileError) -> Double {
        let text = try text(key)
        guard let number = Double(text), range.contains(number) else {
            throw RouterFileError(name, "its metadata has \(key) = '\(text)', not a number of \(range)")
        }
        return number
    }

    /// A whole number of the metadata.
    func integer(_ key: String, in range: ClosedRange<Int>) throws(RouterFileError) -> Int {
        let text = try text(key)
        guard let number = Int(text), range.contains(number) else {
            throw RouterFileError(name, "its metadata has \(key) = '\(text)', not a whole number of \(range)")
        }
        return number
    }

    /// A number per label of the metadata, separated by commas, in the order of ``RouteScores``.
    func three(_ key: String) throws(RouterFileError) -> SIMD3<Double> {
        let text = try text(key)
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).compactMap { Double($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else {
            throw RouterFileError(name, "its metadata has \(key) = '\(text)', not three numbers")
        }
        return SIMD3(numbers)
    }
}
