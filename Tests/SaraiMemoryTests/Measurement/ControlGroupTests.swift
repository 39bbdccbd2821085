import Foundation
import SaraiCore
import SystemPackage
import Testing

@testable import SaraiMemory

@Suite("Control groups")
struct ControlGroupTests {
    /// A machine whose cgroups are plain files. Making a group makes its files, as the kernel does, and removing it
    /// removes them.
    private struct Machine {
        let root: String
        var service: String { "\(root)/sys/fs/cgroup/user.slice/sarai.service" }

        init(root: String, controllers: String = "cpuset cpu io memory pids", members: String = "42\n") throws {
            self.root = root
            try write("0::/user.slice/sarai.service\n".utf8, to: "\(root)/proc/self/cgroup")
            try write("\(controllers)\n".utf8, to: "\(service)/cgroup.controllers")
            try write("".utf8, to: "\(service)/cgroup.subtree_control")
            try write(members.utf8, to: "\(service)/cgroup.procs")
        }

        static let files = [
            "cgroup.procs", "memory.max", "memory.oom.group", "memory.events", "memory.current", "cpu.weight.nice",
        ]

        static let folders = ControlGroupFolders(
            make: { path throws(Errno) in
                try ControlGroupFolders.kernel.make(path)
                for file in files {
                    _ = FileManager.default.createFile(atPath: path.appending(file).string, contents: Data())
                }
            },
            remove: { path throws(Errno) in
                for file in files {
                    _ = try? FileManager.default.removeItem(atPath: path.appending(file).string)
                }
                try ControlGroupFolders.kernel.remove(path)
            })

        func takeOver() throws(ControlGroupTree.Refusal) -> ControlGroupTree {
            try ControlGroupTree.takeOver(pid: 42, root: root, folders: Self.folders)
        }

        func text(_ file: String) throws -> String {
            try String(contentsOfFile: "\(service)/\(file)", encoding: .utf8)
        }
    }

    @Test("are taken over: the daemon moves below, and groups beside it can be limited")
    func takingOver() throws {
        try withTemporaryFolder { root in
            let machine = try Machine(root: root)
            _ = try machine.takeOver()
            #expect(try machine.text("daemon/cgroup.procs") == "42")
            #expect(try machine.text("cgroup.subtree_control") == "+memory +cpu")
        }
    }

    @Test("hold one worker each, from its start to its end")
    func worker() throws {
        try withTemporaryFolder { root in
            let machine = try Machine(root: root)
            let group = try machine.takeOver().makeGroup("worker-0-solar", limit: .gibibytes(8))
            #expect(group.folder.string == "\(machine.service)/worker-0-solar")
            #expect(try machine.text("worker-0-solar/memory.max") == "8589934592")
            #expect(try machine.text("worker-0-solar/memory.oom.group") == "1")
            #expect(try machine.text("worker-0-solar/cpu.weight.nice") == "5")
            try group.add(pid: 77)
            #expect(try machine.text("worker-0-solar/cgroup.procs") == "77")
            #expect(group.outOfMemoryKills == nil)
            try write("low 0\nmax 9\noom 2\noom_kill 1\n".utf8, to: "\(machine.service)/worker-0-solar/memory.events")
            try write("4096\n".utf8, to: "\(machine.service)/worker-0-solar/memory.current")
            #expect(group.outOfMemoryKills == 1)
            #expect(group.current == MemorySize(bytes: 4096))
            try group.remove()
            #expect(!FileManager.default.fileExists(atPath: group.folder.string))
            try group.remove()
            #expect(throws: ControlGroupTree.Refusal.self) { try group.add(pid: 77) }
        }
    }

    @Test("of an earlier worker of the same name are used again")
    func leftover() throws {
        try withTemporaryFolder { root in
            let tree = try Machine(root: root).takeOver()
            _ = try tree.makeGroup("worker-0-a", limit: .gibibytes(8))
            let again = try tree.makeGroup("worker-0-a", limit: .gibibytes(1))
            #expect(FileManager.default.fileExists(atPath: again.folder.string))
        }
    }

    @Test("without the processor's controller are limited in memory alone")
    func memoryOnly() throws {
        try withTemporaryFolder { root in
            let machine = try Machine(root: root, controllers: "memory pids")
            _ = try machine.takeOver().makeGroup("worker-0-a", limit: .gibibytes(1))
            #expect(try machine.text("cgroup.subtree_control") == "+memory")
            #expect(try machine.text("worker-0-a/cpu.weight.nice").isEmpty)
        }
    }

    @Test("that are not ours to divide stay as they are")
    func refusals() throws {
        func refusal(_ make: (String) throws -> Machine) throws -> String {
            try withTemporaryFolder { root in
                let machine = try make(root)
                let error = try #require(throws: ControlGroupTree.Refusal.self) { try machine.takeOver() }
                #expect(!FileManager.default.fileExists(atPath: "\(machine.service)/daemon"))
                return error.description
            }
        }
        let shared = try refusal { try Machine(root: $0, members: "1\n42\n") }
        #expect(shared.contains("holds other processes"))
        let unlimited = try refusal { try Machine(root: $0, controllers: "pids") }
        #expect(unlimited.contains("lacks that controller"))
        let older = try refusal { root in
            let machine = try Machine(root: root)
            try write("12:memory:/x\n".utf8, to: "\(root)/proc/self/cgroup")
            return machine
        }
        #expect(older.contains("no cgroups of version 2"))
        let foreign = try refusal { root in
            let machine = try Machine(root: root)
            // Not even the administrator may write there.
            try FileManager.default.removeItem(atPath: "\(machine.service)/cgroup.subtree_control")
            try FileManager.default.createSymbolicLink(
                atPath: "\(machine.service)/cgroup.subtree_control", withDestinationPath: "/nowhere/at/all")
            return machine
        }
        #expect(foreign.contains("is not delegated"))
    }

    @Test("go back to how they were when the kernel refuses to divide them")
    func undoing() throws {
        try withTemporaryFolder { root in
            let machine = try Machine(root: root)
            try FileManager.default.removeItem(atPath: "\(machine.service)/cgroup.subtree_control")
            // A folder is there and accessible, but writing to it fails.
            try FileManager.default.createDirectory(
                atPath: "\(machine.service)/cgroup.subtree_control", withIntermediateDirectories: false)
            #expect(throws: ControlGroupTree.Refusal.self) { try machine.takeOver() }
            #expect(try machine.text("cgroup.procs").hasPrefix("42"))
            #expect(!FileManager.default.fileExists(atPath: "\(machine.service)/daemon"))
        }
    }
}

@Suite("Kills for want of memory")
struct OutOfMemoryKillsTests {
    @Test("are counted where the kernel counts them")
    func counting() throws {
        try withTemporaryFolder { root in
            #expect(OutOfMemoryKills.count(root: root) == nil)
            try write("pgfault 5\noom_kill 3\n".utf8, to: "\(root)/proc/vmstat")
            #expect(OutOfMemoryKills.count(root: root) == 3)
        }
    }
}
