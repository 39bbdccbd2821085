import SaraiCore
import SystemPackage
import Testing

@testable import SaraiMemory

@Suite("Machine memory")
struct MachineMemoryTests {
    private let meminfo = "MemTotal:       16384 kB\nMemFree:  1 kB\nMemAvailable:   8192 kB\nBuffers: 3 kB\n"

    @Test("of this machine is plausible")
    func real() throws {
        let machine = try MachineMemory.read()
        #expect(machine.total > .mebibytes(256))
        #expect(machine.available <= machine.total)
        #expect(machine.usable <= machine.total)
    }

    @Test("comes from meminfo where no group is limited")
    func unlimited() throws {
        try withTemporaryFolder { root in
            try write(meminfo.utf8, to: "\(root)/proc/meminfo")
            let expected = MachineMemory(total: .mebibytes(16), available: .mebibytes(8))
            #expect(try MachineMemory.read(root: root) == expected)
            try write("0::/user.slice\n".utf8, to: "\(root)/proc/self/cgroup")
            try write("max\n".utf8, to: "\(root)/sys/fs/cgroup/user.slice/memory.max")
            #expect(try MachineMemory.read(root: root) == expected)
        }
    }

    @Test("is that of the tightest group above this process")
    func limited() throws {
        try withTemporaryFolder { root in
            try write(meminfo.utf8, to: "\(root)/proc/meminfo")
            try write("12:cpu:/x\n0::/user.slice/sarai.service\n".utf8, to: "\(root)/proc/self/cgroup")
            let groups = "\(root)/sys/fs/cgroup"
            try write("\(12 << 20)\n".utf8, to: "\(groups)/user.slice/sarai.service/memory.max")
            try write("\(6 << 20)\n".utf8, to: "\(groups)/user.slice/memory.max")
            try write("\(5 << 20)\n".utf8, to: "\(groups)/user.slice/memory.current")
            try write("anon 7\ninactive_file \(1 << 20)\n".utf8, to: "\(groups)/user.slice/memory.stat")
            let machine = try MachineMemory.read(root: root)
            #expect(machine.limit == .mebibytes(6))
            #expect(machine.usable == .mebibytes(6))
            #expect(machine.total == .mebibytes(16))
            #expect(machine.available == .mebibytes(2))
        }
    }

    @Test("never follows a group out of the tree")
    func escaping() {
        #expect(ControlGroupPath(membership: "0::/../../etc\n") == nil)
        #expect(ControlGroupPath(membership: "0::/a/b\n")?.path == FilePath("/a/b"))
        #expect(ControlGroupPath(membership: "1:name=systemd:/x\n") == nil)
    }

    @Test("that is not published is an error")
    func missing() throws {
        try withTemporaryFolder { root in
            let missing = try #require(throws: MeasurementError.self) { try MachineMemory.read(root: root) }
            #expect(missing.code == .unavailable)
            try write("MemTotal: 1 kB\n".utf8, to: "\(root)/proc/meminfo")
            let malformed = try #require(throws: MeasurementError.self) { try MachineMemory.read(root: root) }
            #expect(malformed.code == .malformed)
        }
    }
}
