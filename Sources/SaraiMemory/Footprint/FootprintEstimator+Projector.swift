extension FootprintEstimator {
    /// Bytes that the multimodal projector adds.
    ///
    /// Its weights are read into private memory, whatever the load mode of the model. Images and sounds have buffers of
    /// their own, which the engine keeps once it has used them.
    var projectorBytes: Int {
        guard let projector else {
            return 0
        }
        return projector.tensorBytes.saturating(plus: projector.hasVision ? visionBytes(projector) : 0)
            .saturating(plus: projector.hasAudio ? audioBytes(projector) : 0)
            .saturating(plus: mediaBytes)
    }

    /// Room for requests' media on their way in: base64, decoded samples or pixels, these again as floats, and what the
    /// allocator does not give back between two requests.
    ///
    /// Measured with a small model, where it shows best: 75 MiB after a picture of a megapixel and 30 seconds of sound, 134
    /// MiB after five minutes of sound and several pictures in turn, and for the moment of decoding 290 MiB with a picture
    /// of 12 megapixels. This is for the first; whoever accepts larger media must count what they measure. Each slot receives
    /// on a thread of its own.
    private var mediaBytes: Int {
        (8 << 20).saturating(plus: slots.saturating(times: 64 << 20))
    }

    /// Bytes for one image of the largest size that is allowed.
    ///
    /// Qwen2.5-Omni at 1024 tokens (4096 patches): the engine reserves 292 MiB (`reserve_compute_meta`) and fills
    /// a mask of 64 MiB besides; this gives 408 MiB. With a lower limit it takes hardly less (measured: 280 MiB at 529
    /// tokens), for it makes room for a picture of its own choice at start. Without `--image-max-tokens` the engine allows 4096 tokens, and the
    /// mask alone takes 2 GiB.
    private func visionBytes(_ projector: GGUFHeader) -> Int {
        let patches = patchCount(projector)
        let embedding = max(0, projector.vision("embedding_length") ?? 0)
        let width = max(0, projector.vision("feed_forward_length") ?? 0)
        let numbers = width.saturating(times: 3).saturating(plus: embedding.saturating(times: 6))
        let activations = max(patches, Self.startPatches).saturating(times: numbers).saturating(times: 4)
        // Windowed attention is done with a mask for each pair of patches, which exists twice in 32 bits.
        let isWindowed = (projector.vision("n_wa_pattern") ?? 0) > 0
        let mask = isWindowed ? patches.saturating(times: patches).saturating(times: 8) : 0
        return activations.saturating(plus: mask)
    }

    /// Patches that the engine makes room for at start, whatever the limit.
    private static let startPatches = 4096

    /// Patches that one image is cut into, at most.
    private func patchCount(_ projector: GGUFHeader) -> Int {
        // A token stands for a square of patches, 2 × 2 where the file does not say.
        let merge = min(max(1, projector.vision("spatial_merge_size") ?? 2), 64)
        let tokens = min(max(0, settings.imageTokens), contextLength)
        let dynamic = tokens.saturating(times: merge * merge)
        let patch = max(1, projector.vision("patch_size") ?? 14)
        let side = max(0, projector.vision("image_size") ?? 0) / patch
        return max(dynamic, side.saturating(times: side))
    }

    /// Bytes for one chunk of 30 seconds of sound: 3000 frames, halved by the second convolution.
    ///
    /// Qwen2.5-Omni: the engine reserves 51 MiB and takes 96 MiB at the first sound, what the media themselves take included;
    /// this gives 88 MiB without those.
    private func audioBytes(_ projector: GGUFHeader) -> Int {
        let embedding = max(0, projector.audio("embedding_length") ?? 0)
        let width = max(0, projector.audio("feed_forward_length") ?? 0)
        let numbers = width.saturating(times: 2).saturating(plus: embedding.saturating(times: 4))
        return numbers.saturating(times: 1500 * 4)
    }
}
