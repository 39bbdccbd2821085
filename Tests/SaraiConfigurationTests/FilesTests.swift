import Foundation
import SaraiCore
import Testing

@testable import SaraiConfiguration

@Suite("Reading the files")
struct FilesTests {
    /// A folder that is removed at the end.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sarai-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    private func load(_ path: String?, home: URL) throws -> LoadedConfiguration {
        let environment = ["SARAI_HOME": home.path]
        let paths = SaraiPaths(environment: environment, home: home.path, currentFolder: "/", userID: 1)
        return try ConfigurationLoader.forProcess(path: path, environment: environment, paths: paths).load()
    }

    @Test("the file, the .env beside it and relative models")
    func everything() throws {
        try withFolder { folder in
            try Data(localModel.replacing("/m.gguf", with: "m.gguf").utf8).write(
                to: folder.appending(path: "sarai.yaml"))
            try Data("MAX_CONCURRENT_LLMS=7".utf8).write(to: folder.appending(path: ".env"))
            try Data().write(to: folder.appending(path: "m.gguf"))
            let loaded = try load(nil, home: folder)
            #expect(loaded.file == folder.path + "/sarai.yaml")
            #expect(loaded.configuration.memory.maxConcurrentLLMs == 7)
            #expect(loaded.configuration.models.first?.local?.gguf == folder.path + "/m.gguf")
            #expect(loaded.missingFiles.isEmpty)
            #expect(loaded.configuration.memory.budget > .zero)
        }
    }

    @Test("a missing file, a folder, a file that is too large, a file that is not text")
    func failures() throws {
        try withFolder { folder in
            func message(_ name: String) throws -> String? {
                let path = folder.appending(path: name).path
                let error = #expect(throws: ConfigurationError.self) { try load(path, home: folder) }
                return error?.description.replacing(folder.path + "/", with: "")
            }
            #expect(try message("none.yaml") == "none.yaml: there is no such file.")
            try FileManager.default.createDirectory(at: folder.appending(path: "d"), withIntermediateDirectories: true)
            #expect(try message("d") == "d: this is a folder, not a file.")
            try Data(count: 2 << 20).write(to: folder.appending(path: "big"))
            #expect(try message("big") == "big: the file has 2097152 bytes; a configuration has at most 1 MiB.")
            try Data([0xC3]).write(to: folder.appending(path: "latin1"))
            #expect(try message("latin1") == "latin1:1: the line is not UTF-8 text. Save the file as UTF-8.")
        }
    }
}
