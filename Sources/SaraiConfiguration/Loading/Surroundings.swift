import SaraiCore

/// What values are judged against: the machine and where things lie on it.
struct Surroundings {
    /// The machine's memory.
    let machineMemory: MemorySize
    /// Where relative paths and `~` lead.
    let folders: Folders
    /// Whether there is a file at an absolute path.
    let fileExists: @Sendable (String) -> Bool
    /// The text of a small file at an absolute path; `nil` if it cannot be read.
    var readText: @Sendable (String) -> String? = { _ in nil }
    /// For `${…}`.
    let variables: VariableScope

    /// Where relative paths and `~` lead. All are absolute.
    struct Folders {
        let configuration: String
        let current: String
        let home: String
        let data: String
    }

    /// The absolute path that `text` means.
    ///
    /// A path in a file is relative to the configuration's folder, one from a flag or the environment to the current
    /// folder. Where nothing lies there, the data folder is meant: that is where downloads go.
    func path(_ text: String, from origin: Origin) -> String {
        if text == "~" || text.hasPrefix("~/") {
            return PathText.joined(folders.home, String(text.dropFirst(2)))
        }
        guard !text.hasPrefix("/") else {
            return PathText.joined("/", text)
        }
        let local = PathText.joined(base(of: origin), text)
        return fileExists(local) ? local : PathText.joined(folders.data, text)
    }

    /// The absolute path that `text` means, of a file that will be written.
    func newPath(_ text: String, from origin: Origin) -> String {
        text == "~" || text.hasPrefix("~/")
            ? PathText.joined(folders.home, String(text.dropFirst(2))) : PathText.joined(base(of: origin), text)
    }

    /// The folder that a relative path from `origin` starts in.
    func base(of origin: Origin) -> String {
        switch origin {
        case .flag, .environment: folders.current
        case .dotEnv, .file, .default: folders.configuration
        }
    }
}

/// Paths as text, without looking at the disk.
enum PathText {
    /// `path` below `folder`, or `path` itself if it is absolute; without `.` components and doubled slashes.
    static func joined(_ folder: String, _ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : folder + "/" + path
        let components = whole.split(separator: "/").filter { $0 != "." }
        return (whole.hasPrefix("/") ? "/" : "") + components.joined(separator: "/")
    }
}
