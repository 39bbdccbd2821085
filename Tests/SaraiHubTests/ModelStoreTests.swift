import Foundation
import SaraiConfiguration
import SaraiCore
import Testing

@testable import SaraiHub

@Suite("The files of models on this machine")
struct ModelStoreTests {
    /// A folder with files of one byte.
    private func withModels(
        _ names: [String], _ body: (ModelStore) throws -> Void
    ) async throws {
        try await withFolder { root in
            let folder = root + "/models"
            for name in names {
                let path = "\(folder)/\(name)"
                try FileManager.default.createDirectory(
                    at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data([1]).write(to: URL(filePath: path))
            }
            try Data([1]).write(to: URL(filePath: root + "/outside.gguf"))
            try body(ModelStore(folder))
        }
    }

    private func names(_ folder: ModelStore, _ reference: String) throws -> [String] {
        guard case .hub(let repository, let wanted) = try ModelSource(parsing: reference).place else {
            return []
        }
        return try folder.names(of: repository, wanted)
    }

    @Test func aModelIsListedOnceAndOtherThingsAreNot() async throws {
        let names = [
            "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "o/r/b.gguf", "c.gguf.partial", "d.txt", ".e.gguf",
        ]
        try await withModels(names) { folder in
            #expect(folder.models().map(\.name) == ["a-00001-of-00002.gguf", "c.gguf.partial", "o/r/b.gguf"])
            #expect(folder.models().map(\.size) == [2, 1, 1])
        }
        #expect(ModelStore("/no/such/folder").models().isEmpty)
    }

    @Test func allFilesOfAModelGoTogether() async throws {
        let names = [
            "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf", "b.gguf.partial", "b.gguf.partial.json",
        ]
        try await withModels(names) { folder in
            let split = try folder.files(of: "a-00001-of-00002.gguf")
            #expect(try folder.remove(split) == 2)
            let whole = try folder.files(of: folder.path + "/b.gguf")
            #expect(try folder.remove(whole) == 3)
            #expect(folder.models().isEmpty)
        }
    }

    @Test(arguments: ["../outside.gguf", "/etc/passwd", "o/../../outside.gguf", "", ".", "o", "none.gguf"])
    func nothingOutsideIsAFileOfTheFolder(name: String) async throws {
        try await withModels(["o/r/b.gguf"]) { folder in
            #expect(throws: HubError.self) { try folder.files(of: name) }
        }
    }

    @Test func aProjectorStaysWhileAModelNeedsIt() async throws {
        let files = ["o/r/m-Q4_0.gguf", "o/r/m-Q8_0.gguf", "o/r/mmproj-F16.gguf", "o/other/m-Q4_0.gguf"]
        try await withModels(files) { folder in
            #expect(try names(folder, "hf.co/o/r:Q4_0") == ["o/r/m-Q4_0.gguf"])
            _ = try folder.remove(folder.files(of: "o/r/m-Q4_0.gguf"))
            #expect(try names(folder, "hf.co/o/r") == ["o/r/m-Q8_0.gguf", "o/r/mmproj-F16.gguf"])
            #expect(throws: HubError.self) { try names(folder, "hf.co/o/r:Q4_0") }
            #expect(throws: HubError.self) { try names(folder, "hf.co/o/none") }
        }
    }

    @Test func aFileIsUsedByWhateverPathItIsReached() async throws {
        try await withModels(["m.gguf", "free.gguf"]) { folder in
            let root = URL(filePath: folder.path).deletingLastPathComponent().path
            let (link, file) = (root + "/link", root + "/file.gguf")
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: folder.path + "/m.gguf")
            for configured in [folder.path + "/m.gguf", link + "/m.gguf", file] {
                let models = try models(gguf: configured)
                for path in [folder.path + "/m.gguf", link + "/m.gguf"] {
                    #expect(models.users(of: ["/none", path]).map(\.rawValue) == ["m"], "\(configured), \(path)")
                }
                #expect(models.users(of: [folder.path + "/free.gguf"]).isEmpty)
            }
        }
    }

    /// A configuration of one model.
    private func models(gguf: String) throws -> [ModelConfiguration] {
        let paths = SaraiPaths(environment: [:], home: "/home/ana", currentFolder: "/", userID: 1)
        let yaml = "models: {m: {backend: gguf_native, gguf: \(gguf)}}\n"
        return try ConfigurationLoader(
            file: SourceFile(path: "/sarai.yaml", text: yaml), paths: paths, machineMemory: .gibibytes(16),
            fileExists: { _ in true }
        ).load().configuration.models
    }
}
