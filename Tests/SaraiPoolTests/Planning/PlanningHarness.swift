import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiMemory

@testable import SaraiPool

/// A folder with model files, and planners for them. The folder goes when the harness does.
final class PlanningHarness {
    let folder: String
    /// Stands for llama-server. It is never started: only its version counts.
    let engine: String
    /// A machine that nothing but the budget limits.
    let machine = MachineMemory(total: .gibibytes(64), available: .gibibytes(64))

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sarai-planning-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        engine = "\(folder)/llama-server"
        try write(Data("engine".utf8), to: "llama-server")
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Writes a file of the folder.
    @discardableResult
    func write(_ data: Data, to name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try data.write(to: URL(filePath: path))
        return path
    }

    /// The path of the store's file.
    var storePath: String {
        "\(folder)/footprints.json"
    }

    /// A configuration of one model of the folder, `m.gguf`, with more keys in YAML.
    func configuration(_ keys: String = "context_length: 1024", budget: String = "8GiB") throws -> Configuration {
        try configuration(model: "backend: gguf_native, gguf: \(folder)/m.gguf, \(keys)", budget: budget)
    }

    /// A configuration of a Whisper model whose weights take 1 MiB.
    func whisper() throws -> Configuration {
        let head = Data([6, 0, 0, 0, 12, 0]) + Data("WhisperSpec".utf8) + Data([0])
        try FileManager.default.createDirectory(atPath: "\(folder)/w", withIntermediateDirectories: true)
        try write(head + Data(count: (1 << 20) - head.count), to: "w/model.bin")
        for name in ["config.json", "tokenizer.json", "vocabulary.txt"] {
            try write(Data(), to: "w/\(name)")
        }
        return try configuration(model: "role: speech, backend: whisper_native, whisper: \(folder)/w", budget: "8GiB")
    }

    private func configuration(model keys: String, budget: String) throws -> Configuration {
        let text = """
            models:
              m: {\(keys)}
            memory: {max_ram_gb: \(budget)}
            """
        let paths = SaraiPaths(environment: [:], home: "/home/u", currentFolder: "/", userID: 1000)
        let loader = ConfigurationLoader(
            file: SourceFile(path: "test.yaml", text: text), paths: paths, machineMemory: .gibibytes(64),
            fileExists: { _ in true })
        return try loader.load().configuration
    }

    /// The configuration's only target.
    func target(_ configuration: Configuration) throws -> LocalTargetConfiguration {
        guard case .local(let target) = configuration.models[0].targets[0] else {
            throw CocoaError(.featureUnsupported)
        }
        return target
    }

    /// A planner that knows what a store does.
    func planner(_ configuration: Configuration, _ store: FootprintStore) -> ConfigurationPlanner {
        ConfigurationPlanner(
            configuration: configuration, machine: machine, footprints: store, engine: engine, whisperPython: engine)
    }
}

/// A GGUF file without tensors.
enum TinyGGUF {
    /// A small model.
    static var model: Data {
        var numbers = ["block_count": 2, "embedding_length": 64, "feed_forward_length": 128, "context_length": 4096]
        numbers["attention.head_count"] = 4
        let keys = numbers.sorted { $0.key < $1.key }.map { key("llama.\($0.key)", type: 4, UInt32($0.value)) }
        return file([key("general.architecture", "llama")] + keys)
    }

    /// One of the files of a split model.
    static func part(_ number: UInt16, of count: UInt16, name: String = "m") -> Data {
        file([
            key("general.name", name), key("split.no", type: 2, number), key("split.count", type: 2, count),
            key("split.tensors.count", type: 5, Int32(0)),
        ])
    }

    private static func file(_ keys: [Data]) -> Data {
        bytes(UInt32(0x4655_4747)) + bytes(UInt32(3)) + bytes(UInt64(0)) + bytes(UInt64(keys.count)) + keys.joined()
    }

    private static func key(_ name: String, type: UInt32, _ value: some FixedWidthInteger) -> Data {
        text(name) + bytes(type) + bytes(value)
    }

    private static func key(_ name: String, _ value: String) -> Data {
        text(name) + bytes(UInt32(8)) + text(value)
    }

    private static func text(_ text: String) -> Data {
        bytes(UInt64(text.utf8.count)) + Data(text.utf8)
    }

    private static func bytes(_ number: some FixedWidthInteger) -> Data {
        withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }
}
