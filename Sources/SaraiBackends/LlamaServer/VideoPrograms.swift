import Foundation

/// The programs with which llama-server takes videos apart. They are no part of it.
package enum VideoPrograms {
    /// Those that are not on the search path, which workers inherit.
    package static func missing(path: String = ProcessInfo.processInfo.environment["PATH"] ?? "") -> [String] {
        ["ffmpeg", "ffprobe"].filter { name in
            !path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
        }
    }

    /// What to do about it.
    package static let remedy = "Install ffmpeg (Debian: apt-get install ffmpeg), then start the daemon again."
}
