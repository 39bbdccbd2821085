import SaraiBackends
import SaraiConfiguration
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

/// Models that turn speech into text, among the others.
struct SpeechTests {
    private static let ears = "  ears: {role: speech, backend: whisper_native, whisper: w}"

    @Test func aWhisperModelIsLoadedForSpeechAndLeavesWhenItIsIdle() throws {
        var pool = try PoolStateHarness(Self.ears)
        let request = try pool.request("ears", needs: .transcription)
        #expect(pool.takeAsked() == ["inspect ears/whisper_native"])
        try pool.load("ears", size: .mebibytes(300))
        #expect(pool.takeAsked() == ["start ears/whisper_native"])
        let id = try pool.local("ears")
        #expect(pool.route(request)?.target == id)
        #expect(pool.state.ledger.reservations[id]?.charge == .mebibytes(300))
        pool.pass(.seconds(600))
        #expect(pool.takeAsked().isEmpty, "who works is not idle")
        let route = try #require(pool.route(request))
        pool.take(pool.state.release(route, .transcription, .answered, now: pool.now))
        pool.pass(.seconds(299))
        #expect(pool.takeAsked().isEmpty)
        pool.pass(.seconds(2))
        #expect(pool.takeAsked() == ["stop ears/whisper_native"])
        try pool.exit("ears")
        #expect(pool.state.ledger.reservations[id] == nil)
    }

    @Test func itIsNoTextModelAndHearsOneSoundAtATime() throws {
        let models = Self.ears + "\n" + PoolStateHarness.local("lfm2")
        var pool = try PoolStateHarness(models, memory: "max_ram_gb: 1, max_concurrent_llms: 1")
        try pool.use("lfm2")
        let first = try pool.request("ears", needs: .transcription)
        try pool.load("ears")
        #expect(pool.route(first) != nil, "a text model is loaded, and only one may be")
        let second = try pool.request("ears", needs: .transcription)
        #expect(pool.route(second) == nil && pool.error(second) == nil, "it waits")
        let route = try #require(pool.route(first))
        pool.take(pool.state.release(route, .transcription, .answered, now: pool.now))
        #expect(pool.route(second) != nil)
    }

    @Test func itMakesRoomLikeAnyOther() throws {
        let models = Self.ears + "\n" + PoolStateHarness.local("lfm2")
        var pool = try PoolStateHarness(models)
        let request = try pool.request("ears", needs: .transcription)
        try pool.load("ears", size: .mebibytes(300))
        let route = try #require(pool.route(request))
        pool.take(pool.state.release(route, .transcription, .answered, now: pool.now))
        _ = pool.takeAsked()
        try pool.request("lfm2")
        try pool.load("lfm2", size: .mebibytes(900))
        #expect(pool.takeAsked().contains("stop ears/whisper_native"))
    }

    @Test func itHasTheCoresToItself() throws {
        let models = Self.ears + "\n" + PoolStateHarness.local("lfm2")
        var pool = try PoolStateHarness(models)
        try pool.use("lfm2")
        try pool.request("ears", needs: .transcription)
        try pool.load("ears")
        try pool.request("lfm2")
        #expect(pool.paused.count == 1, "both want all cores")
    }

    @Test(arguments: [
        ("ears", Needs.generation(hasMedia: false), "turns speech into text, and does nothing else"),
        ("ears", Needs.embedding, "turns speech into text, and does nothing else"),
        ("lfm2", Needs.transcription, "does not hear: that needs a projector file (key mmproj)"),
        ("solar", Needs.transcription, "does not hear: Ollama's API takes no sounds"),
    ])
    func whoCannotHearOrSpeakIsNotAsked(model: String, needs: Needs, message: String) throws {
        let remote = "  solar: {backend: ollama_http, servers: [\"http://10.0.0.7:11434\"]}"
        var pool = try PoolStateHarness([Self.ears, PoolStateHarness.local("lfm2"), remote].joined(separator: "\n"))
        let request = try pool.request(model, needs: needs)
        #expect(pool.error(request)?.code == .unsupported)
        #expect(pool.error(request)?.message == "model '\(model)' \(message)")
        #expect(pool.takeAsked().isEmpty)
    }

    @Test func aModelWithAProjectorAndAServerOfOpenAIMayHear() throws {
        let models =
            PoolStateHarness.local("omni", "mmproj: p.gguf") + """

                  cloud: {role: speech, backend: openai_http, servers: "http://10.0.0.8:1", fallback: whisper_native, whisper: w}
                """
        var pool = try PoolStateHarness(models)
        let omni = try pool.request("omni", needs: .transcription)
        try pool.load("omni")
        #expect(pool.route(omni)?.target == (try pool.local("omni")))
        let cloud = try pool.request("cloud", needs: .transcription)
        #expect(pool.route(cloud)?.target.kind == .openAI)
        let excluded = try #require(pool.route(cloud)?.target)
        let exclusion = Exclusion(reason: "unsupported request", message: "no such route", isUnsupported: true)
        let again = try pool.request("cloud", needs: .transcription, excluding: [excluded: exclusion])
        try pool.load("cloud")
        #expect(pool.route(again)?.target.kind == .whisper)
    }

    @Test func aPlanCountsItAndLeavesItAlone() throws {
        let harness = try PlanningHarness()
        let configuration = try harness.whisper()
        let planner = harness.planner(configuration, FootprintStore())
        let target = try harness.target(configuration)
        let plan = planner.plan()
        let line = try #require(plan.lines.first)
        #expect(line.placement == .resident && line.settings == .speech && line.choices.isEmpty)
        #expect(line.footprint == WhisperModel(weights: .mebibytes(1)).footprint)
        #expect("\(LoadSettings.speech)" == "speech, int8")
        let key = try #require(planner.key(of: target, settings: .speech))
        planner.footprints.note(MeasuredMemory(hard: .gibibytes(1), mapped: .zero), for: key)
        #expect(planner.plan().lines.first?.footprint.resident == .gibibytes(1), "what was seen counts")
    }
}
