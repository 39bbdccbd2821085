import Hummingbird
import SaraiCore
import SaraiPool

/// Reranking, as Jina's API has it, and with it llama-server, vLLM and others.
struct RerankRoutes: Sendable {
    let pool: ModelPool
    let limits: BodyLimits

    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        for path in ["/v1/rerank", "/v1/reranking"] {
            router.post(RouterPath(path), use: rerank)
        }
    }

    @Sendable private func rerank(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (body, _) = try await JSONBody.decode(RerankBody.self, from: request, limit: limits.plain)
        let caller = try Caller(request)
        let (result, route) = try await context.presence().whileHere {
            try await pool.rerank(body.request, model: body.model, caller: caller)
        }
        return JSONBody.response(RerankAnswer(result, to: body), headers: .init(route: route))
    }
}

/// The body of `POST /v1/rerank`.
struct RerankBody: Decodable {
    /// The members that are read.
    static let members: [Member] =
        [
            .required("model", .component("ModelName")),
            .required("query", .string),
            .required(
                "documents", .list(of: .any(of: .string, .object([.required("text", .string)])), count: 1...1024)),
            .optional("top_n", .integer(in: 1...1_000_000)),
            .optional("return_documents", .boolean),
        ] + Member.harmless("user")

    let model: ModelName
    let request: RerankRequest
    /// How many results are wanted.
    let count: Int
    let returnsDocuments: Bool

    init(from decoder: any Decoder) throws {
        let fields = try RequestFields(decoder)
        try fields.requireKnown(Self.members)
        model = try fields.model()
        let documents = try fields.required("documents", as: [Document].self).map(\.text)
        guard (1...1024).contains(documents.count) else {
            throw PoolError(.invalidRequest, "documents: between 1 and 1024 texts are expected")
        }
        request = RerankRequest(query: try fields.required("query"), documents: documents)
        count = min(documents.count, try fields.optional("top_n", in: 1...1_000_000) ?? documents.count)
        returnsDocuments = try fields.optional("return_documents") ?? false
    }

    /// A text, or an object with one.
    private struct Document: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                self.text = text
            } else {
                text = try RequestFields(decoder).required("text")
            }
        }
    }
}

/// The answer of `POST /v1/rerank`: the best document first.
private struct RerankAnswer: Encodable {
    let object = "list"
    let model: String
    let results: [Item]
    let usage: [String: Int]

    init(_ result: RerankResult, to body: RerankBody) {
        model = body.model.rawValue
        results = result.scores.enumerated().sorted { $0.element > $1.element }.prefix(body.count).map { index, score in
            Item(
                index: index, score: score,
                document: body.returnsDocuments ? ["text": body.request.documents[index]] : nil)
        }
        usage = ["prompt_tokens": result.promptTokens, "total_tokens": result.promptTokens]
    }

    struct Item: Encodable {
        let index: Int
        let score: Double
        let document: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case index, document
            case score = "relevance_score"
        }
    }
}
