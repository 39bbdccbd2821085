extension GGUFHeader {
    /// Whether this is a multimodal projector (`--mmproj`) rather than a language model.
    package var isProjector: Bool {
        architecture == "clip"
    }

    /// Whether the projector reads images.
    package var hasVision: Bool {
        isProjector && metadata["clip.has_vision_encoder"]?.boolValue == true
    }

    /// Whether the projector reads sounds.
    package var hasAudio: Bool {
        isProjector && metadata["clip.has_audio_encoder"]?.boolValue == true
    }

    /// The kind of projector: `qwen2.5o`. Files with several encoders may name one for each.
    package var projectorType: String? {
        let keys = ["clip.projector_type", "clip.vision.projector_type", "clip.audio.projector_type"]
        return keys.lazy.compactMap { metadata[$0]?.stringValue }.first
    }

    /// An integer of the vision encoder: `vision("patch_size")` is `clip.vision.patch_size`.
    package func vision(_ key: String) -> Int? {
        metadata["clip.vision.\(key)"]?.intValue
    }

    /// An integer of the audio encoder: `audio("embedding_length")` is `clip.audio.embedding_length`.
    package func audio(_ key: String) -> Int? {
        metadata["clip.audio.\(key)"]?.intValue
    }
}
