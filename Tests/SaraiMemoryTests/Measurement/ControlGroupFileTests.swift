import Testing

@testable import SaraiMemory

@Suite("Control group file")
struct ControlGroupFileTests {
    @Test("is read in the own group and in all above it")
    func chain() throws {
        try withTemporaryFolder { root in
            #expect(ControlGroupFile.texts("cpu.max", root: root).isEmpty)
            try write("0::/user.slice/app.slice/sarai.service\n".utf8, to: "\(root)/proc/self/cgroup")
            let groups = "\(root)/sys/fs/cgroup/user.slice"
            try write("max 100000\n".utf8, to: "\(groups)/app.slice/sarai.service/cpu.max")
            try write("150000 100000\n".utf8, to: "\(groups)/cpu.max")
            try write("100000 100000\n".utf8, to: "\(groups)/other.slice/cpu.max")
            #expect(ControlGroupFile.texts("cpu.max", root: root) == ["max 100000\n", "150000 100000\n"])
        }
    }
}
