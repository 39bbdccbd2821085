import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("Choices of the plan")
struct PlanChoiceTests {
    // 1000 weights, 512 cache, 64 step.
    private let solar = FormulaModel(name: "solar", weights: 1000)

    @Test("gives everything its best where that fits")
    func best() throws {
        let plan = try plan([solar], mebibytes: 1576)
        #expect(try plan.settings("solar") == solar.wanted)
        #expect(try plan.line("solar").choices.allSatisfy { $0.isAsWanted })
        #expect(try plan.line("solar").footprint.resident == .mebibytes(1576))
    }

    @Test(
        "gives up first what users miss least, and no more than it must",
        arguments: [
            (1575, 256, LoadSettings.CacheType.f16, 4096), (1544, 256, .f16, 4096), (1543, 128, .f16, 4096),
            (1527, 128, .q8, 4096), (1272, 128, .q8, 4096), (1271, 128, .q8, 2048), (1144, 128, .q8, 2048),
        ])
    func order(mebibytes: Int, step: Int, type: LoadSettings.CacheType, context: Int) throws {
        let plan = try plan([solar], mebibytes: mebibytes)
        #expect(plan.fits)
        let settings = try plan.settings("solar")
        #expect((settings.microBatch, settings.cacheType, settings.contextLength) == (step, type, context))
    }

    @Test("says why")
    func reasons() throws {
        let choices = try plan([solar], mebibytes: 1272).line("solar").choices
        #expect(choices.map(\.setting) == PlanSetting.allCases)
        #expect(choices.map(\.value) == ["mapped", "128", "q8_0", "1", "4096"])
        #expect(choices.map(\.isAsWanted) == [true, false, false, true, true])
        #expect(
            choices.map(\.reason) == [
                "no speed measured for repacked; mapped pages can be given back",
                "512 does not fit: this saves 48.0 MiB", "f16 does not fit: this saves 256 MiB",
                "as configured (models.solar.slots)", "as configured (models.solar.context_length)",
            ])
    }

    @Test("starts with the model that a step saves most of")
    func largestFirst() throws {
        var other = FormulaModel(name: "other", weights: 100)
        other.perStep = 16
        let plan = try plan([other, solar], mebibytes: other.best + solar.best - 1)
        #expect(try plan.settings("solar").microBatch == 256)
        #expect(try plan.settings("other").microBatch == 512)
    }

    @Test("takes slots before context, and stops where the configuration says")
    func slots() throws {
        var many = solar
        many.wanted.slots = 4
        many.allowance.cacheTypes = [.f16]
        many.allowance.minSlots = 2
        let smallest = try plan([many], mebibytes: 1)
        #expect(!smallest.fits)
        #expect(try smallest.settings("solar").slots == 2)
        #expect(try smallest.settings("solar").contextLength == 2048)
        let plan = try plan([many], mebibytes: 1000 + 16 + 1024)
        #expect(plan.fits)
        #expect(try plan.settings("solar").slots == 2)
        #expect(try plan.settings("solar").contextLength == 4096)
    }

    @Test("shortens contexts in blocks of the engine")
    func blocks() throws {
        var odd = solar
        odd.wanted.contextLength = 3000
        odd.allowance.minContextLength = 700
        #expect(try plan([odd], mebibytes: 1000 + 16 + 96).settings("solar").contextLength == 1536)
        #expect(try plan([odd], mebibytes: 1).settings("solar").contextLength == 700)
    }

    @Test("keeps the step of an embedding model as long as its context")
    func embedding() throws {
        var embedding = FormulaModel(name: "e", weights: 100)
        embedding.wanted = LoadSettings(contextLength: 2048, isEmbedding: true)
        embedding.allowance.minContextLength = 512
        embedding.allowance.cacheTypes = [.f16]
        // An encoder has no cache to save.
        embedding.perContext = .max
        #expect(try plan([embedding], mebibytes: 356).settings("e").microBatch == 2048)
        let smaller = try plan([embedding], mebibytes: 228).settings("e")
        #expect((smaller.contextLength, smaller.microBatch) == (1024, 1024))
        let smallest = try plan([embedding], mebibytes: 1).settings("e")
        #expect((smallest.contextLength, smallest.microBatch) == (512, 512))
    }

    @Test("repacks weights where that was measured to be clearly faster, and there is room")
    func loadMode() throws {
        var measured = solar
        measured.speeds = [.mapped: 20, .repacked: 21]
        let fast = try plan([measured], mebibytes: 1776)
        #expect(try fast.settings("solar").loadMode == .repacked)
        let choice = try fast.line("solar").choices[0]
        #expect(choice.reason == "clearly faster here: 21.0 tokens/s repacked, 20.0 mapped")
        #expect(!choice.isAsWanted)
        let full = try plan([measured], mebibytes: 1775)
        #expect(try full.settings("solar").loadMode == .mapped)
        #expect(try full.line("solar").choices[0].reason == "repacked does not fit: this saves 200 MiB")
        measured.speeds[.repacked] = 20.9
        #expect(try plan([measured], mebibytes: 9999).settings("solar").loadMode == .mapped)
        measured.speeds = [.repacked: 21]
        #expect(try plan([measured], mebibytes: 9999).settings("solar").loadMode == .mapped)
        measured.allowance.loadModes = [.repacked]
        let fixed = try plan([measured], mebibytes: 1)
        #expect(try fixed.settings("solar").loadMode == .repacked)
        #expect(try fixed.line("solar").choices[0].reason == "as configured (models.solar.load_mode)")
    }

    @Test("takes nothing from a needed model for one that is best effort")
    func bestEffort() throws {
        var twin = FormulaModel(name: "twin", weights: 1000, isBestEffort: true)
        let models = [solar, twin]
        let plan = try plan(models, mebibytes: solar.best + 1143)
        #expect(plan.fits)
        #expect(try plan.settings("solar") == solar.wanted)
        #expect(try plan.line("twin").placement == .leftOut("it needs 1.12 GiB, and 1.12 GiB are left"))
        let shrunk = try SaraiMemoryTests.plan(models, mebibytes: solar.best + 1144)
        #expect(try shrunk.line("twin").placement == .resident)
        #expect(try shrunk.settings("twin").contextLength == 2048)
        twin.isPinned = true
        let pinned = try SaraiMemoryTests.plan([solar, twin], mebibytes: 1)
        #expect(try pinned.line("twin").placement == .resident)
    }
}
