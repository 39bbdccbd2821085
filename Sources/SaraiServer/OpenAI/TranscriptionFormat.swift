import HTTPTypes
import Hummingbird
import NIOCore
import SaraiCore

/// How a client wants the text of a sound.
enum TranscriptionFormat: String, CaseIterable, Sendable {
    case json, text, srt, vtt
    case verbose = "verbose_json"

    /// Whether it cannot be written without times.
    var needsTimes: Bool { self == .srt || self == .vtt }

    /// A transcription in this format.
    ///
    /// - Throws: ``SaraiCore/PoolError`` where it needs times, and the model tells none.
    func response(_ transcription: Transcription, headers: HTTPFields) throws(PoolError) -> Response {
        switch self {
        case .json:
            return JSONBody.response(["text": transcription.text], headers: headers)
        case .verbose:
            return JSONBody.response(VerboseTranscription(transcription), headers: headers)
        case .text:
            return plain(transcription.text + "\n", headers)
        case .srt:
            let blocks = try timed(transcription).enumerated().map { index, segment in
                "\(index + 1)\n\(Self.time(segment.start, ",")) --> \(Self.time(segment.end, ","))\n\(segment.text)\n"
            }
            return plain(blocks.joined(separator: "\n"), headers)
        case .vtt:
            let blocks = try timed(transcription).map { segment in
                "\(Self.time(segment.start, ".")) --> \(Self.time(segment.end, "."))\n\(segment.text)\n"
            }
            return plain((["WEBVTT\n"] + blocks).joined(separator: "\n"), headers)
        }
    }

    /// What was said, with its times: a single piece where only the whole length is known.
    private func timed(_ transcription: Transcription) throws(PoolError) -> [TranscriptionSegment] {
        guard transcription.segments.isEmpty, !transcription.text.isEmpty else {
            return transcription.segments
        }
        guard let duration = transcription.duration else {
            throw PoolError(.unsupported, "response_format: \(rawValue) needs times, which this model does not tell")
        }
        return [TranscriptionSegment(start: 0, end: duration, text: transcription.text)]
    }

    private func plain(_ text: String, _ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.contentType] = "text/plain; charset=utf-8"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// `01:02:03,456`; the separator is the format's.
    private static func time(_ seconds: Double, _ separator: String) -> String {
        // A server may tell any number.
        let milliseconds = Int((min(max(0, seconds), 359_999) * 1000).rounded())
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = "\(value)"
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let whole = milliseconds / 1000
        return [padded(whole / 3600, 2), padded(whole / 60 % 60, 2), padded(whole % 60, 2)].joined(separator: ":")
            + separator + padded(milliseconds % 1000, 3)
    }
}

/// `verbose_json`.
private struct VerboseTranscription: Encodable {
    let task = "transcribe"
    let language: String?
    let duration: Double?
    let text: String
    let segments: [Segment]

    struct Segment: Encodable {
        let id: Int
        let start: Double
        let end: Double
        let text: String
    }

    init(_ transcription: Transcription) {
        language = transcription.language
        duration = transcription.duration
        text = transcription.text
        segments = transcription.segments.enumerated().map { index, segment in
            Segment(id: index, start: segment.start, end: segment.end, text: segment.text)
        }
    }
}
