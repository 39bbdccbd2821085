import SaraiCore
import Testing

@testable import SaraiHub

@Suite("Which files of a repository are fetched")
struct HubChoiceTests {
    private static let solar = [
        "SOLAR-10.7B.Q2_K.gguf": 4, "SOLAR-10.7B.Q4_K_M.gguf": 6, "SOLAR-10.7B.Q4_K_S.gguf": 5,
        "SOLAR-10.7B.Q8_0.gguf": 11,
    ]

    private func choose(
        _ reference: String, _ files: [String: Int], projectorName: String? = nil
    ) throws -> HubChoice {
        guard case .hub(let repository, let wanted) = try ModelSource(parsing: "hf.co/o/r\(reference)").place else {
            throw HubError(.refused, "no repository")
        }
        let listed = files.sorted { $0.key < $1.key }.map { HubFile(path: $0.key, size: $0.value, digest: nil) }
        return try HubChoice(wanted, among: listed, of: repository, projectorName: projectorName)
    }

    private func refusal(_ reference: String, _ files: [String: Int]) -> String {
        do {
            let choice = try choose(reference, files)
            return "chosen: \(choice.model.path)"
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "the quantisation that is asked for, else the one that suits most",
        arguments: [
            ("", "SOLAR-10.7B.Q4_K_M.gguf"), (":Q8_0", "SOLAR-10.7B.Q8_0.gguf"), (":q2_k", "SOLAR-10.7B.Q2_K.gguf"),
            ("/SOLAR-10.7B.Q4_K_S.gguf", "SOLAR-10.7B.Q4_K_S.gguf"),
        ])
    func quantization(reference: String, path: String) throws {
        let choice = try choose(reference, Self.solar)
        #expect(choice.model.path == path)
        #expect(choice.reasons.count == 1 && choice.reasons[0].contains(path))
        #expect(choice.projector == nil)
    }

    @Test(
        "names of all habits tell their quantisation",
        arguments: [
            ("solar-10.7b-instruct-v1.0.Q4_K_M.gguf", "Q4_K_M"), ("mmproj-model-f16.gguf", "F16"),
            ("UD-Q4_K_XL/M-UD-Q4_K_XL-00001-of-00002.gguf", "Q4_K_XL"), ("m-IQ3_XXS.gguf", "IQ3_XXS"),
            ("gpt-oss-20b-mxfp4.gguf", "MXFP4"), ("Q8-net.Q5_0.gguf", "Q5_0"),
            ("embeddinggemma-300m-qat-Q4_0.gguf", "Q4_0"),
            ("m.BF16.gguf", "BF16"), ("ggml-model.gguf", nil), ("Qwen2.5-7B.gguf", nil),
        ] as [(String, String?)])
    func names(name: String, quantization: String?) {
        #expect(Quantization.name(of: name) == quantization)
    }

    @Test func whatIsNotThereIsAnsweredWithWhatIs() {
        let message = refusal(":Q6_K", Self.solar)
        #expect(message.hasPrefix("hf.co/o/r has no Q6_K. There are:"))
        #expect(message.contains("hf.co/o/r:Q4_K_M (6 B)"))
        #expect(refusal("/other.gguf", Self.solar).contains("has no other.gguf"))
        #expect(refusal("", [:]).contains("no GGUF file"))
        #expect(refusal("", ["mmproj-F16.gguf": 1]).contains("no GGUF file of a model"))
    }

    @Test func twoModelsAreNotGuessedBetween() {
        let files = ["a-Q4_K_M.gguf": 1, "b-Q4_K_M.gguf": 1]
        #expect(refusal("", files).contains("several models"))
        #expect(refusal(":Q4_K_M", files).contains("hf.co/o/r/a-Q4_K_M.gguf"))
        #expect(refusal("/b-Q4_K_M.gguf", files) == "chosen: b-Q4_K_M.gguf")
    }

    @Test func withoutAnyKnownQuantisationTheSmallestIsTaken() throws {
        #expect(try choose("", ["a-Q2_K.gguf": 2, "b-Q1_0.gguf": 1]).model.path == "b-Q1_0.gguf")
        #expect(try choose("", ["ggml-model.gguf": 2]).model.path == "ggml-model.gguf")
    }

    @Test func allFilesOfASplitModelComeInTheirOrder() throws {
        let parts = (1...3).map { "Q4_0/m-Q4_0-0000\($0)-of-00003.gguf" }
        var files = Dictionary(uniqueKeysWithValues: parts.map { ($0, 10) })
        files["m-Q8_0.gguf"] = 50
        #expect(try choose(":Q4_0", files).model.files.map(\.path) == parts)
        #expect(try choose("/\(parts[1])", files).model.files.map(\.path) == parts, "any part stands for the model")
        files[parts[1]] = nil
        #expect(refusal(":Q4_0", files).contains("has no Q4_0"), "a model with a part missing is none")
    }

    @Test func aProjectorComesAlong() throws {
        var files = ["m-Q4_K_M.gguf": 5, "mmproj-m-F16.gguf": 3, "mmproj-m-BF16.gguf": 3, "mmproj-m-f32.gguf": 6]
        #expect(try choose("", files).projector?.path == "mmproj-m-F16.gguf")
        files["mmproj-m-Q8_0.gguf"] = 2
        let choice = try choose("", files)
        #expect(choice.projector?.path == "mmproj-m-Q8_0.gguf")
        #expect(choice.reasons.last?.contains("of 4 projectors") == true)
        let named = try choose("", files, projectorName: "mmproj-m-BF16.gguf")
        #expect(named.projector?.path == "mmproj-m-BF16.gguf")
        #expect(named.reasons.last?.contains("the configuration names") == true)
    }

    @Test func aProjectorBesideTheModelIsTheModels() throws {
        let files = ["a/m-Q4_K_M.gguf": 5, "a/mmproj-F32.gguf": 6, "b/mmproj-Q8_0.gguf": 2]
        #expect(try choose("", files).projector?.path == "a/mmproj-F32.gguf")
    }
}
