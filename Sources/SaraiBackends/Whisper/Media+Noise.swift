package import SaraiCore

extension Media {
    /// A WAV file of noise: 16 kHz, mono, 16 bits, the same each time.
    ///
    /// - Parameter seconds: its length.
    /// - Returns: the file.
    package static func noise(seconds: Int) -> Media? {
        let rate = 16_000, bytesPerSample = 2
        let size = seconds * rate * bytesPerSample
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var file = Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8)
        file += little(16, 4) + little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * bytesPerSample, 4)
        file += little(bytesPerSample, 2) + little(8 * bytesPerSample, 2) + Array("data".utf8) + little(size, 4)
        var state: UInt32 = 1
        for _ in 0..<seconds * rate {
            // Numerical Recipes' linear congruential generator; its upper bits are noise enough.
            state = state &* 1_664_525 &+ 1_013_904_223
            file += little(Int(Int32(bitPattern: state) >> 18), 2)
        }
        return Media(file: file)
    }
}
