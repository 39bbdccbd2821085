import SaraiCore
import SystemPackage
import Testing

@testable import SaraiMemory

/// Whisper models, as their folders show them.
struct WhisperModelTests {
    private static let head: [UInt8] = [6, 0, 0, 0, 12, 0] + Array("WhisperSpec".utf8) + [0]

    private func withModel(without missing: String? = nil, head: [UInt8] = Self.head, _ body: (String) throws -> Void)
        throws
    {
        try withTemporaryFolder { folder in
            for name in ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"] where name != missing {
                try write(
                    name == "model.bin" ? head + Array(repeating: 0, count: 1000) : [0x7B], to: "\(folder)/\(name)")
            }
            try body(folder)
        }
    }

    @Test func aWholeFolderIsAModelAsLargeAsItsWeights() throws {
        try withModel { folder in
            let model = try WhisperModel.read(FilePath(folder))
            #expect(model.weights == MemorySize(bytes: Self.head.count + 1000))
        }
    }

    /// What VmHWM said of Whisper base, on the processor where it takes most.
    @Test func thePredictionIsNotBelowWhatWasMeasuredAndNotFarAbove() {
        let footprint = WhisperModel(weights: MemorySize(bytes: 145_217_532)).footprint
        #expect(footprint.resident >= .mebibytes(412) && footprint.resident <= .mebibytes(412 + 32))
        #expect(footprint.resident == footprint.hard, "nothing is mapped")
    }

    @Test func largerModelsTakeMostWhileTheyLoad() {
        let footprint = WhisperModel(weights: .gibibytes(1)).footprint
        #expect(footprint.resident == .mebibytes(115 + 1024 + 512) && footprint.weightsPrivate == .mebibytes(512))
    }

    @Test(arguments: ["model.bin", "config.json", "tokenizer.json", "vocabulary.txt"])
    func whatIsMissingIsNamed(name: String) throws {
        try withModel(without: name) { folder in
            let error = #expect(throws: WhisperModelError.self) { try WhisperModel.read(FilePath(folder)) }
            #expect(error?.message.hasPrefix("\(folder)/\(name): cannot be read: ") == true, "\(error?.message ?? "")")
        }
    }

    @Test func somethingElseIsRefused() throws {
        try withModel(head: Array("GGUF".utf8)) { folder in
            let error = #expect(throws: WhisperModelError.self) { try WhisperModel.read(FilePath(folder)) }
            #expect(error?.message == "\(folder)/model.bin: not a Whisper model in CTranslate2's format")
        }
    }
}
