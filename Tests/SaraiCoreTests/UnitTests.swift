import Testing

@testable import SaraiCore

@Suite struct UnitTests {
    @Test(arguments: [
        ("12", 12 << 30), ("12GB", 12_000_000_000), ("12 GiB", 12 << 30), ("700MiB", 700 << 20), ("1.5g", 3 << 29),
        ("0", 0), ("512 kb", 512_000), ("1b", 1),
    ])
    func sizesAreRead(text: String, bytes: Int) {
        #expect(MemorySize(parsing: text, defaultUnit: .gibibytes(1))?.bytes == bytes)
    }

    @Test(arguments: ["", "GB", "-1", "1e9", "12XB", "1..2", "9999999999TB", "١٢"])
    func whatIsNoSizeIsRefused(text: String) {
        #expect(MemorySize(parsing: text) == nil)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1536, "1.50 KiB"), (100 << 20, "100 MiB"), (4 << 30, "4.00 GiB"),
        (-(3 << 20), "-3.00 MiB"),
    ])
    func sizesAreShownInBinaryUnits(bytes: Int, text: String) {
        #expect("\(MemorySize(bytes: bytes))" == text)
    }

    @Test(arguments: [(0.5, 0, "1"), (1.25, 1, "1.3"), (-0.04, 1, "0.0"), (2.0, 2, "2.00"), (1.005, 1, "1.0")])
    func numbersAreShownTheSameEverywhere(value: Double, decimals: Int, text: String) {
        #expect(value.formatted(decimals: decimals) == text)
    }

    @Test(arguments: ["solar", "SOLAR:10.7b", "hf.co/org/repo:Q4_K_M", "a"])
    func namesAreRead(text: String) {
        #expect(ModelName(text)?.rawValue == text)
    }

    @Test(arguments: ["", "../x", "a/../b", "-x", "a b", "a\n", "ñ", String(repeating: "a", count: 129), ":latest"])
    func whatIsNoNameIsRefused(text: String) {
        #expect(ModelName(text) == nil)
    }

    @Test func theTagLatestMeansNone() {
        #expect(ModelName("solar:latest") == ModelName("solar"))
        #expect(ModelName("solar")?.tagged == "solar:latest")
        #expect(ModelName("solar:10.7b")?.tagged == "solar:10.7b")
    }

    @Test func slipsOfTheKeyboardAreRecognised() {
        let names = ["solar", "lfm2", "omni"]
        #expect(Suggestion.nearest(to: "sollar", among: names) == "solar")
        #expect(Suggestion.nearest(to: "OMNI", among: names) == "omni")
        #expect(Suggestion.nearest(to: "gpt-4", among: names) == nil)
        #expect(Suggestion.nearest(to: "max_ram", among: ["max_concurrent_llms", "max_ram_gb"]) == "max_ram_gb")
    }
}
