#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import SystemPackage

/// What the operating system counts of this process. Source: proc(5).
package struct ProcessFigures: Hashable, Sendable {
    /// Core time used, in user and system mode, seconds.
    package var cpuSeconds: Double
    /// Memory in use, bytes; pages that are shared count as a whole.
    package var residentBytes: Int
    /// Address space, bytes.
    package var virtualBytes: Int
    /// When it was started, seconds since 1970.
    package var startTime: Double
    /// Files and connections that are open.
    package var openFiles: Int
    /// Files and connections that may be open; `nil` without a limit.
    package var maxFiles: Int?

    /// What the operating system counts now.
    ///
    /// - Parameter root: the folder that holds `proc`; another one in tests.
    /// - Returns: `nil` where there is no such folder.
    package static func own(root: String = "/") -> ProcessFigures? {
        let proc = FilePath(root).appending("proc")
        let own = proc.appending("self")
        guard let stat = try? ProcFile.read(own.appending("stat")),
            let boot = (try? ProcFile.read(proc.appending("stat"))).flatMap({ ProcFile.count("btime", in: $0) }),
            let open = openFiles(in: own.appending("fd")),
            var figures = ProcessFigures(
                stat: stat, bootTime: boot, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)),
                pageSize: sysconf(Int32(_SC_PAGESIZE)))
        else {
            return nil
        }
        figures.openFiles = open
        figures.maxFiles = (try? ProcFile.read(own.appending("limits"))).flatMap(maxFiles)
        return figures
    }

    /// Reads a process's line in `stat`; `nil` if it is none.
    ///
    /// - Parameters:
    ///   - stat: the line. The program's name, in parentheses, may have anything in it.
    ///   - bootTime: when the machine was started, seconds since 1970.
    ///   - ticksPerSecond: the unit of times.
    ///   - pageSize: bytes of a page.
    init?(stat: String, bootTime: Int, ticksPerSecond: Int, pageSize: Int) {
        guard let name = stat.lastIndex(of: ")"), ticksPerSecond > 0 else {
            return nil
        }
        // The first field after the name is the third.
        let fields = stat[name...].dropFirst().split(separator: " ")
        func field(_ number: Int) -> Int? {
            fields.indices.contains(number - 3) ? Int(fields[number - 3]) : nil
        }
        guard let user = field(14), let system = field(15), let start = field(22), let size = field(23),
            let pages = field(24)
        else {
            return nil
        }
        cpuSeconds = Double(user + system) / Double(ticksPerSecond)
        startTime = Double(bootTime) + Double(start) / Double(ticksPerSecond)
        virtualBytes = size
        residentBytes = pages * pageSize
        openFiles = 0
        maxFiles = nil
    }

    /// The soft limit on open files in a process's `limits`; `nil` if there is none.
    static func maxFiles(in limits: String) -> Int? {
        let key = "Max open files"
        let line = limits.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.dropFirst(key.count).split(separator: " ").first.flatMap { Int($0) }
    }

    private static func openFiles(in folder: FilePath) -> Int? {
        guard let directory = opendir(folder.string) else {
            return nil
        }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil {
            count += 1
        }
        // Not the folder and its parent, nor what this function opened.
        return max(0, count - 3)
    }
}
