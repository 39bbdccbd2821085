import Testing

@testable import Sarai

/// The unit's text; that systemd takes it, the acceptance tests ask systemd.
@Suite struct SystemdUnitTests {
    private func line(_ key: String, of unit: SystemdUnit) -> [Substring] {
        unit.text.split(separator: "\n").filter { $0.hasPrefix("\(key)=") }.map { $0.dropFirst(key.count + 1) }
    }

    @Test func theDaemonLooksForItsConfigurationUnlessItIsNamed() {
        let plain = SystemdUnit(program: "/usr/bin/sarai", configuration: nil)
        #expect(line("ExecStart", of: plain) == ["/usr/bin/sarai serve"])
        #expect(line("Environment", of: plain).isEmpty)
        let named = SystemdUnit(program: "/usr/bin/sarai", configuration: "/etc/sarai.yaml")
        #expect(line("ExecStart", of: named) == ["/usr/bin/sarai serve --config /etc/sarai.yaml"])
    }

    @Test func noCharacterOfAPathMeansAnythingToSystemd() {
        let unit = SystemdUnit(
            program: "/opt/my $programs/sarai", configuration: #"/home/a/100%/$HOME/"x"\y.yaml"#,
            environment: [("SARAI_HOME", "/data/my models/50%"), ("XDG_DATA_HOME", "/d/$x")])
        #expect(
            line("ExecStart", of: unit) == [
                #""/opt/my $programs/sarai" serve --config "/home/a/100%%/$$HOME/\"x\"\\y.yaml""#
            ])
        #expect(
            line("Environment", of: unit) == [#""SARAI_HOME=/data/my models/50%%""#, "XDG_DATA_HOME=/d/$x"])
    }

    @Test func somePathsNoUnitCanHave() {
        #expect(SystemdUnit.canRun("/opt/my programs/100% $x/ä/sarai"))
        for path in ["/a\"b", "/a'b", "/a\\b", "/a\nb"] {
            #expect(!SystemdUnit.canRun(path))
        }
    }

    @Test func itIsMarkedAsOurs() {
        #expect(SystemdUnit(program: "/s", configuration: nil).text.hasPrefix(SystemdUnit.mark + "\n"))
    }
}
