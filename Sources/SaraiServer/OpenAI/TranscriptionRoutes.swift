import HTTPTypes
import Hummingbird
import NIOCore
import SaraiConfiguration
import SaraiCore
import SaraiPipelines
import SaraiPool

/// Speech to text, as OpenAI's API has it.
struct TranscriptionRoutes: Sendable {
    /// Where forms are posted.
    static let path = "/v1/audio/transcriptions"

    let pipelines: Pipelines
    let limits: BodyLimits

    /// Adds the route.
    func add(to router: Router<ServerContext>) {
        router.post(RouterPath(Self.path)) { request, context in
            let body = try await JSONBody.collect(request, limit: limits.withMedia)
            let form = try MultipartForm(
                Array(buffer: body), contentType: request.headers[.contentType] ?? "")
            let wanted = try TranscriptionForm(form)
            let caller = try Caller(request)
            let model = try model(wanted.model)
            let (transcription, route) = try await context.presence().whileHere {
                try await pipelines.pool.transcribe(wanted.request, model: model, caller: caller)
            }
            return try wanted.format.response(transcription, headers: HTTPFields(route: route))
        }
    }

    /// The model that does it: the one that is named, or the one that can where a client names OpenAI's.
    private func model(_ name: String?) throws(PoolError) -> ModelName {
        if let name, name != "whisper-1" {
            guard let model = ModelName(name) else {
                throw PoolError(.invalidRequest, "model: '\(name.prefix(140))' is not a model name")
            }
            return model
        }
        guard let model = pipelines.pool.configuration.transcriber else {
            throw PoolError(.unsupported, Configuration.noTranscriber)
        }
        return model.name
    }
}

/// The fields of a transcription's form.
private struct TranscriptionForm {
    let request: TranscriptionRequest
    let model: String?
    let format: TranscriptionFormat

    init(_ form: MultipartForm) throws(PoolError) {
        let known = [
            "file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]",
            "stream",
        ]
        if let unknown = form.fields.first(where: { !known.contains($0.name) }) {
            throw PoolError(
                .invalidRequest,
                "\(unknown.name): unknown field.\(Suggestion.sentence(for: unknown.name, among: known))")
        }
        guard let file = form.field("file") else {
            throw PoolError(.invalidRequest, "file: missing")
        }
        guard let sound = Media(file: Array(file.content)), sound.kind == .audio else {
            throw PoolError(.invalidRequest, "file: not a wav, mp3 or flac file")
        }
        if form.field("stream")?.text == "true" {
            throw PoolError(.unsupported, "stream: transcriptions come whole")
        }
        if let temperature = form.field("temperature")?.text, Double(temperature) != 0 {
            throw PoolError(.unsupported, "temperature: only 0, the most probable words")
        }
        if form.fields.contains(where: { $0.name == "timestamp_granularities[]" && $0.text != "segment" }) {
            throw PoolError(.unsupported, "timestamp_granularities: only 'segment'")
        }
        var language: Language?
        if let code = form.field("language")?.text, !code.isEmpty {
            guard let known = Language(rawValue: code) else {
                let names = Language.allCases.map(\.rawValue).joined(separator: ", ")
                throw PoolError(
                    .unsupported, "language: '\(code.prefix(20))' is none of \(names); without it, it is recognised")
            }
            language = known
        }
        let formatName = form.field("response_format")?.text ?? TranscriptionFormat.json.rawValue
        guard let format = TranscriptionFormat(rawValue: formatName) else {
            let names = TranscriptionFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw PoolError(.invalidRequest, "response_format: '\(formatName.prefix(20))' is none of \(names)")
        }
        let prompt = form.field("prompt")
        guard prompt?.content.count ?? 0 <= 4096 else {
            throw PoolError(.invalidRequest, "prompt: longer than 4096 bytes")
        }
        self.format = format
        model = form.field("model")?.text
        request = TranscriptionRequest(
            audio: sound, language: language, prompt: prompt?.text, needsTimes: format.needsTimes)
    }
}
