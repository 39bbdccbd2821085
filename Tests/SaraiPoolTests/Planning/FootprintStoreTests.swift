import Foundation
import SaraiCore
import SaraiMemory
import Testing

@testable import SaraiPool

@Suite("Remembered footprints")
struct FootprintStoreTests {
    private let harness: PlanningHarness
    private let first = FootprintKey(text: "ctx 1024; m.gguf 1 1")
    private let second = FootprintKey(text: "ctx 2048; m.gguf 1 1")

    init() throws {
        harness = try PlanningHarness()
    }

    private func store() -> FootprintStore {
        FootprintStore(path: harness.storePath)
    }

    private func memory(hard: Int, mapped: Int) -> MeasuredMemory {
        MeasuredMemory(hard: .mebibytes(hard), mapped: .mebibytes(mapped))
    }

    private func buffers(_ mebibytes: Int) -> EngineBuffers {
        EngineBuffers(
            weights: .mebibytes(mebibytes), repacked: .zero, context: .zero, compute: .zero, process: .zero)
    }

    @Test("are kept in a file")
    func file() throws {
        let store = store()
        try store.save()
        #expect(!FileManager.default.fileExists(atPath: harness.storePath), "there is nothing to keep")
        store.note(buffers(10), for: first)
        store.note(memory(hard: 5, mapped: 9), for: first)
        store.note(memory(hard: 7, mapped: 3), for: first)
        store.note(speed: 12.5, for: first)
        try store.save()
        let entry = try #require(self.store()[first])
        #expect(entry.buffers == buffers(10) && entry.speed == 12.5)
        #expect(entry.peak == memory(hard: 7, mapped: 9))
        #expect(self.store()[second] == nil)
    }

    @Test("of two processes are both kept, the later figure and the larger peak")
    func together() throws {
        let daemon = store()
        daemon.note(buffers(10), for: first)
        daemon.note(speed: 10, for: first)
        daemon.note(memory(hard: 7, mapped: 3), for: first)
        try daemon.save()

        let command = store()
        command.note(speed: 20, for: first)
        command.note(memory(hard: 5, mapped: 9), for: first)
        command.note(speed: 30, for: second)
        try command.save()

        // The daemon read the file before the command wrote it; what it has not found out itself it must not write back.
        daemon.note(memory(hard: 8, mapped: 1), for: first)
        try daemon.save()
        for store in [daemon, store()] {
            let entry = try #require(store[first])
            #expect(entry.buffers == buffers(10) && entry.speed == 20)
            #expect(entry.peak == memory(hard: 8, mapped: 9))
            #expect(store[second]?.speed == 30)
        }
    }

    @Test("are not lost when many write at once")
    func crowd() async throws {
        let path = harness.storePath
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let store = FootprintStore(path: path)
                    store.note(speed: Double(number), for: FootprintKey(text: "\(number)"))
                    try store.save()
                }
            }
            try await group.waitForAll()
        }
        let store = store()
        for number in 0..<40 {
            #expect(store[FootprintKey(text: "\(number)")]?.speed == Double(number))
        }
    }

    @Test("survive a damaged file")
    func damaged() throws {
        let store = store()
        store.note(speed: 1, for: first)
        try store.save()
        try harness.write(Data("{".utf8), to: "footprints.json")
        #expect(self.store()[first] == nil)
        store.note(speed: 2, for: second)
        try store.save()
        #expect(self.store()[first]?.speed == 1)
        #expect(self.store()[second]?.speed == 2)
    }

    @Test("are tried to be kept again after they could not be")
    func unwritable() throws {
        let path = "\(harness.folder)/state/footprints.json"
        let store = FootprintStore(path: path)
        store.note(speed: 1, for: first)
        // A file where the folder should be.
        try harness.write(Data(), to: "state")
        #expect(throws: (any Error).self) { try store.save() }
        try FileManager.default.removeItem(atPath: "\(harness.folder)/state")
        try store.save()
        #expect(FootprintStore(path: path)[first]?.speed == 1)
    }
}
