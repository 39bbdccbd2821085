import SaraiCore

extension WhisperModel {
    /// The memory that a worker with this model takes at its peak: faster-whisper with weights of 8 bits, one sound at a time.
    ///
    /// Measured with Whisper base (x86-64, CTranslate2 4.8.5, 2 threads), of which 139 MiB are in the file: 317 MiB while it loads,
    /// for the file's 16 bits are there until the 8 bits are made of them; 163 MiB then; 319 to 324 MiB with the first
    /// sounds on an AMD processor, 412 MiB on one of Intel's, for whose sake CTranslate2 uses MKL; 228 MiB stay. Sounds are heard in pieces of half a minute, so their length does not matter. Larger
    /// models take most while they load.
    package var footprint: Footprint {
        let inEightBits = MemorySize(bytes: weights.bytes / 2)
        // Python and its libraries: after the first sounds, and before.
        let overhead = MemorySize.mebibytes(165), atFirst = MemorySize.mebibytes(115)
        let whileLoading = atFirst + weights + inEightBits
        let whileHearing = overhead + inEightBits + .mebibytes(186)
        let peak = max(whileLoading, whileHearing)
        return Footprint(
            weightsPrivate: inEightBits, compute: peak - inEightBits - overhead, overhead: overhead)
    }
}
