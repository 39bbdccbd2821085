import SaraiCore
import Testing

@testable import SaraiMemory

@Suite("smaps")
struct SmapsTests {
    @Test("adds up a rollup")
    func rollup() throws {
        let text = """
            55c3e6e87000-7fff74481000 ---p 00000000 00:00 0                          [rollup]
            Rss:                4124 kB
            Pss:                1090 kB
            Pss_Dirty:           567 kB
            Pss_Anon:            567 kB
            Pss_File:            522 kB
            Pss_Shmem:             1 kB
            Shared_Clean:       3168 kB
            Swap:                 40 kB
            SwapPss:              10 kB
            Locked:                0 kB

            """
        let memory = try #require(Smaps.rollup(text))
        #expect(memory.hard.bytes == (567 + 1 + 10) * 1024)
        #expect(memory.mapped.bytes == 522 * 1024)
        #expect(memory.resident.bytes == 1100 * 1024)
    }

    @Test("does not guess where a rollup has no kinds, or is damaged")
    func oldRollup() {
        #expect(Smaps.rollup("Rss: 10 kB\nPss: 10 kB\n") == nil)
        #expect(Smaps.rollup("Pss_Anon: 10 kB\n") == nil)
        #expect(Smaps.rollup("Pss_Anon: many kB\nPss_File: 1 kB") == nil)
        #expect(Smaps.rollup("Pss_Anon: 10\nPss_File: 1 kB") == nil)
        #expect(Smaps.rollup("Pss_Anon: -3 kB\nPss_File: 1 kB") == nil)
        #expect(Smaps.rollup("Pss_Anon: 9223372036854775807 kB\nPss_File: 1 kB") == nil)
        #expect(Smaps.rollup("") == nil)
    }

    @Test("adds up mappings, private copies of file pages as hard")
    func mappings() throws {
        let text = """
            00400000-00500000 r-xp 00000000 fe:00 131 /usr/bin/llama-server
            Rss:                 800 kB
            Pss:                 400 kB
            Anonymous:             0 kB
            00600000-00700000 rw-p 00000000 fe:00 131 /usr/bin/llama-server
            Pss:                 100 kB
            Anonymous:            30 kB
            SwapPss:               5 kB
            01000000-02000000 rw-p 00000000 00:00 0 [heap]
            Pss:                2000 kB
            Anonymous:          2000 kB
            7f00-7f10 rw-s 00000000 00:01 77 /dev/shm/segment (deleted)
            Pss:                  64 kB
            Anonymous:             0 kB
            7f20-7f30 r--s 00000000 fe:00 99 /models/my model-Q4.gguf
            Pss:                9000 kB
            Anonymous:             0 kB

            """
        let memory = try #require(Smaps.mappings(text)?.measured)
        #expect(memory.hard.bytes == (30 + 5 + 2000 + 64) * 1024)
        #expect(memory.mapped.bytes == (400 + 70 + 9000) * 1024)
        #expect(Smaps.mappings("") == nil)
        let kinds = try #require(Smaps.mappings(text, models: ["/models/my model-Q4.gguf"]))
        #expect(kinds.modelFiles.bytes == 9000 * 1024)
        #expect(kinds.program.bytes == (400 + 70) * 1024)
        #expect(kinds.measured == memory && kinds.resident == memory.resident)
    }

    @Test("knows a model's file that was replaced since it was mapped")
    func replaced() throws {
        let text = """
            7f20-7f30 r--s 00000000 fe:00 99                    /models/a.gguf (deleted)
            Pss:                9000 kB
            Anonymous:             0 kB

            """
        let kinds = try #require(Smaps.mappings(text, models: ["/models/a.gguf"]))
        #expect(kinds == WorkerMemory(modelFiles: MemorySize(bytes: 9000 * 1024), anonymous: .zero, program: .zero))
    }

    @Test("keeps the peak of each kind")
    func peak() {
        let first = MeasuredMemory(hard: .mebibytes(5), mapped: .mebibytes(1))
        let second = MeasuredMemory(hard: .mebibytes(3), mapped: .mebibytes(4))
        #expect(first.peak(second) == MeasuredMemory(hard: .mebibytes(5), mapped: .mebibytes(4)))
    }
}
