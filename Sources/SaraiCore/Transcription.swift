/// A request for the words of a sound.
public struct TranscriptionRequest: Hashable, Sendable {
    /// The sound.
    public var audio: Media
    /// The language that is spoken; `nil` lets the model recognise it.
    public var language: Language?
    /// A text that goes before, or words that occur: it steers spelling, not what is done.
    public var prompt: String?
    /// Whether it must be told when what was said; a target that tells no times is of no use then.
    public var needsTimes: Bool

    /// A request for one sound's words.
    public init(audio: Media, language: Language? = nil, prompt: String? = nil, needsTimes: Bool = false) {
        self.audio = audio
        self.language = language
        self.prompt = prompt
        self.needsTimes = needsTimes
    }
}

/// What was said in a sound.
public struct Transcription: Hashable, Sendable {
    /// All of it; empty if nobody speaks.
    public var text: String
    /// The language that was spoken, as ISO 639-1 has it, given or recognised; `nil` where the target does not say.
    public var language: String?
    /// Length of the sound, seconds; `nil` where the target does not say.
    public var duration: Double?
    /// What was said when, in order; empty where the target does not say.
    public var segments: [TranscriptionSegment]

    /// What a target heard.
    public init(
        text: String, language: String? = nil, duration: Double? = nil, segments: [TranscriptionSegment] = []
    ) {
        self.text = text
        self.language = language
        self.duration = duration
        self.segments = segments
    }
}

/// A sentence or a part of one, and when it was said.
public struct TranscriptionSegment: Hashable, Sendable {
    /// Seconds from the beginning of the sound.
    public var start: Double
    /// Seconds from the beginning of the sound.
    public var end: Double
    /// What was said.
    public var text: String

    /// A part of a transcription.
    public init(start: Double, end: Double, text: String) {
        self.start = start
        self.end = end
        self.text = text
    }
}
