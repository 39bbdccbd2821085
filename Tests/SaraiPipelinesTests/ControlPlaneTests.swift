import SaraiConfiguration
import SaraiCore
import SaraiRouter
import Testing

@testable import SaraiPipelines

@Suite("The control plane")
struct ControlPlaneTests {
    private static let searching = TestConfiguration.four + "search: {url: http://127.0.0.1:8888}\n"

    private func plane(
        _ text: String = searching, offering names: Set<String> = ["tone", "search", "see", "voice"]
    ) throws -> ControlPlane {
        ControlPlane(configuration: try TestConfiguration.load(text)) { names.contains($0) }
    }

    private static func scores(_ hard: Double, _ soft: Double, _ webQuery: Double) -> RouteScores {
        RouteScores(hard: hard, soft: soft, webQuery: webQuery)
    }

    @Test(
        "weighs knowledge against tone",
        arguments: [
            (scores(0, 0, 0), 0.5), (scores(1, 1, 1), 0.5), (scores(1, 0, 0), 1.1 / 1.2), (scores(0, 1, 0), 0.1 / 1.2),
            (scores(0.02, 0.01, 0), 0.12 / 0.23), (scores(0.9, 0.3, 0.9), 1.0 / 1.4),
        ])
    func weights(scores: RouteScores, alpha: Double) {
        let weights = ControlPlane.weights(scores)
        #expect(abs(weights.alpha - alpha) < 1e-9)
        #expect(abs(weights.alpha + weights.beta - 1) < 1e-9)
    }

    @Test(
        "chooses by what is needed",
        arguments: [
            (scores(0.9, 0.1, 0.1), RouteDecision.Route.model(.role(.expert))),
            (scores(0.1, 0.9, 0.1), .model(.role(.small))),
            (scores(0.1, 0.1, 0.1), .model(.role(.small))),
            (scores(0.9, 0.9, 0.1), .pipeline(PipelineName("tone"))),
            (scores(0.1, 0.1, 0.9), .pipeline(PipelineName("search"))),
            (scores(0.9, 0.9, 0.9), .pipeline(PipelineName("search"))),
            (scores(0.51, 0.49, 0.49), .model(.role(.expert))),
            (scores(0.49, 0.49, 0.5), .pipeline(PipelineName("search"))),
        ])
    func routes(scores: RouteScores, route: RouteDecision.Route) throws {
        let decision = try plane().route(RouteLabels(scores))
        #expect(decision.route == route)
        #expect(!decision.reason.isEmpty)
    }

    @Test("sends nobody to the web where searching is off, or where that pipeline was taken out or does not fit")
    func withoutSearch() throws {
        let fresh = Self.scores(0.1, 0.1, 0.9)
        #expect(
            try plane(TestConfiguration.four).route(RouteLabels(fresh)).route == .model(.role(.expert)),
            "who knows most")
        #expect(try plane(offering: ["tone"]).route(RouteLabels(fresh)).route == .model(.role(.expert)))
        #expect(
            try plane(offering: ["search"]).route(RouteLabels(Self.scores(0.9, 0.9, 0))).route == .model(.role(.expert))
        )
    }

    @Test(
        "finds somebody in every configuration, and asks nobody for text who has none",
        arguments: [
            ("role: expert", ModelConfiguration.Role.expert), ("role: small", .small), ("role: omni", .omni),
            ("threads: 1", .general),
        ])
    func whoeverIsThere(keys: String, role: ModelConfiguration.Role) throws {
        let vectors = "vectors: {role: embedding, backend: gguf_native, gguf: /v.gguf}"
        let plane = try plane(
            "models:\n  \(vectors)\n  one: {backend: gguf_native, gguf: /m.gguf, \(keys)}\n", offering: [])
        for scores in [Self.scores(1, 0, 0), Self.scores(0, 1, 0), Self.scores(1, 1, 1), Self.scores(0, 0, 0)] {
            #expect(plane.route(RouteLabels(scores)).route == .model(.role(role)))
        }
        #expect(plane.fallback == .model(.role(role)))
    }

    @Test("falls back to whom the file says")
    func fallback() throws {
        #expect(try plane().fallback == .model(.role(.expert)))
        let quick = try #require(ModelName("quick"))
        #expect(try plane(TestConfiguration.four + "router: {fallback: quick}\n").fallback == .model(.name(quick)))
    }

    @Test("leaves what is too close to call to the default, but not the need for fresh facts")
    func unsure() throws {
        let plane = try plane(Self.searching + "router: {fallback: omni}\n")
        let near = RouteLabels(Self.scores(0.6, 0.1, 0.1), webThreshold: 0.2, margin: 0.15)
        #expect(plane.route(near).route == plane.fallback && plane.fallback != .model(.role(.expert)))
        let fresh = RouteLabels(Self.scores(0.6, 0.1, 0.2), webThreshold: 0.2, margin: 0.15)
        #expect(plane.route(fresh).route == .pipeline(PipelineName("search")))
    }

    @Test("wants the web where the scores say so, sure or not, and never without scores")
    func wantsWeb() {
        func decision(_ scores: RouteScores?) -> RouteDecision {
            let labels = scores.map { RouteLabels($0, webThreshold: 0.2, margin: 0.1) }
            return RouteDecision(scores: scores, labels: labels, route: .model(.role(.expert)), reason: "")
        }
        #expect(decision(Self.scores(0, 0, 0.2)).wantsWeb && !decision(Self.scores(0, 0, 0.2)).abstained)
        #expect(decision(Self.scores(0.5, 0.5, 0.2)).wantsWeb && !decision(Self.scores(0.5, 0.5, 0.2)).abstained)
        #expect(!decision(Self.scores(1, 1, 0.19)).wantsWeb && !decision(Self.scores(1, 1, 0.19)).abstained)
        #expect(!decision(Self.scores(1, 0.55, 0.19)).wantsWeb && decision(Self.scores(1, 0.55, 0.19)).abstained)
        #expect(!decision(.unknown).wantsWeb && decision(.unknown).abstained)
        #expect(!decision(nil).wantsWeb && decision(nil).abstained)
        #expect(decision(nil).weights == nil)
    }
}
