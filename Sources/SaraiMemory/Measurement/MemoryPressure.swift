import SystemPackage

/// How much of the time work stood still for want of memory: pressure stall information (PSI) of the kernel.
///
/// Source: Documentation/accounting/psi.rst.
package struct MemoryPressure: Hashable, Sendable, Codable {
    /// What one file says.
    package struct Stall: Hashable, Sendable, Codable {
        /// Share of the last ten seconds in which at least one task waited for memory, 0…100.
        package var some: Double
        /// Share of the last ten seconds in which all tasks that had work waited for memory, 0…100.
        package var full: Double
        /// Time since boot in which all tasks that had work waited for memory, in microseconds.
        package var fullTotal: Int

        /// A reading.
        package init(some: Double, full: Double, fullTotal: Int) {
            self.some = some
            self.full = full
            self.fullTotal = fullTotal
        }
    }

    /// What each source says, by its path: the machine, this process's cgroup (version 2) and those above it. Empty
    /// where the kernel was built or started without PSI; then nothing ever looks like pressure.
    package var sources: [String: Stall]

    /// A reading.
    package init(sources: [String: Stall]) {
        self.sources = sources
    }

    /// Whether the kernel tells of pressure at all.
    package var isKnown: Bool { !sources.isEmpty }

    /// The worst of all sources, for people; `nil` where none tells.
    package var worst: Stall? {
        sources.values.max { ($0.full, $0.some) < ($1.full, $1.some) }
    }

    /// Reads all sources. Costs some microseconds each.
    ///
    /// - Parameter root: the folder that holds `proc` and `sys`; another one in tests.
    /// - Returns: what there is now.
    package static func read(root: String = "/") -> MemoryPressure {
        let root = FilePath(root)
        let groups = ControlGroupPath.ownAndAbove(root: root)
        let files = [root.appending("proc/pressure/memory")] + groups.map { $0.appending("memory.pressure") }
        var sources: [String: Stall] = [:]
        for file in files {
            if let text = try? ProcFile.read(file), let stall = Stall(text) {
                sources[file.string] = stall
            }
        }
        return MemoryPressure(sources: sources)
    }
}

extension MemoryPressure.Stall {
    /// Reads two lines like `some avg10=0.12 avg60=0.05 avg300=0.01 total=836235`; the second begins with `full`.
    init?(_ text: String) {
        var lines: [Substring: [Substring: Substring]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let fields = words.dropFirst().map { $0.split(separator: "=", maxSplits: 1) }.filter { $0.count == 2 }
            if let name = words.first {
                lines[name] = Dictionary(fields.map { ($0[0], $0[1]) }) { first, _ in first }
            }
        }
        guard let some = lines["some"]?["avg10"].flatMap({ Double($0) }),
            let full = lines["full"]?["avg10"].flatMap({ Double($0) }),
            let total = lines["full"]?["total"].flatMap({ Int($0) })
        else {
            return nil
        }
        self.init(some: some, full: full, fullTotal: total)
    }
}
