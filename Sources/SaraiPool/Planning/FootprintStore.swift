import Foundation
import SaraiCore
package import SaraiMemory
import Synchronization

/// What earlier runs have shown of footprints: the engine's own figures, and peaks that were measured.
///
/// Kept in a file, so that a plan is exact from the start and learns from every run. An entry holds for one version of
/// the files, one way to load them and one build of the engine; whatever changes makes a new entry. Daemons and commands
/// of one user write the same file: each adds what it has found out to what is there.
package final class FootprintStore: Sendable {
    private struct Content {
        var entries: [String: Entry] = [:]
        /// What was found out since the file was written, and nothing else.
        var news: [String: Entry] = [:]
    }

    /// Entries that are kept; those that were unused for longest go first.
    private static let capacity = 1000

    private let path: String?
    private let content: Mutex<Content>

    /// The store in a file. A missing or damaged file is an empty store: everything in it can be found out again.
    ///
    /// - Parameter path: the file; `nil` keeps nothing beyond this process.
    package init(path: String? = nil) {
        self.path = path
        content = Mutex(Content(entries: path.map(Self.read) ?? [:]))
    }

    /// What is known under a key.
    package subscript(key: FootprintKey) -> Entry? {
        content.withLock { $0.entries[key.text] }
    }

    /// What the engine's process was seen to take with these files, loaded in whatever way; the most of it.
    func process(of files: FootprintKey.Files) -> MemorySize? {
        content.withLock { content in
            content.entries.lazy.filter { files.own($0.key) }.compactMap { $0.value.buffers?.process }.max()
        }
    }

    /// Notes what the engine says it will allocate.
    package func note(_ buffers: EngineBuffers, for key: FootprintKey) {
        note(Entry(buffers: buffers), for: key)
    }

    /// Notes what a worker was seen to take; less than before changes nothing.
    ///
    /// - Parameters:
    ///   - memory: what it takes.
    ///   - afterFullStep: whether it has just done a step of the largest size.
    ///   - key: how it is loaded.
    package func note(_ memory: MeasuredMemory, afterFullStep: Bool = false, for key: FootprintKey) {
        note(Entry(peak: memory, hasFullStep: afterFullStep ? true : nil), for: key)
    }

    /// Notes how fast a worker generates that has the machine to itself.
    package func note(speed: Double, for key: FootprintKey) {
        note(Entry(speed: speed), for: key)
    }

    private func note(_ news: Entry, for key: FootprintKey) {
        content.withLock { content in
            if content.entries[key.text, default: Entry()].add(news) {
                content.news[key.text, default: Entry()].add(news)
            }
        }
    }

    /// Writes the file if anything was found out, and takes over what others have written to it.
    ///
    /// - Throws: why it cannot be written. Nothing is lost but the time to find it out again.
    package func save() throws {
        guard let path, content.withLock({ !$0.news.isEmpty }) else {
            return
        }
        // A command may be the first of all to keep anything.
        try FileManager.default.createDirectory(
            at: URL(filePath: path).deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        // Two that read at the same time would each write without the other's news.
        try FileLock.withLock("\(path).lock") {
            let (known, news) = content.withLock { ($0.entries, $0.news) }
            // What is in the file is as new as what was read from it before, or newer.
            var entries = known.merging(Self.read(path)) { $1 }
            for (key, entry) in news {
                entries[key, default: Entry()].add(entry)
            }
            entries = Self.mostRecent(entries)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try encoder.encode(entries).write(to: URL(filePath: path), options: .atomic)
            content.withLock { content in
                // What was noted meanwhile is still to be written.
                content.news = content.news.filter { news[$0.key] != $0.value }
                content.entries = entries
                for (key, entry) in content.news {
                    content.entries[key, default: Entry()].add(entry)
                }
            }
        }
    }

    private static func read(_ path: String) -> [String: Entry] {
        let data = try? Data(contentsOf: URL(filePath: path))
        return data.flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) } ?? [:]
    }

    private static func mostRecent(_ entries: [String: Entry]) -> [String: Entry] {
        guard entries.count > capacity else {
            return entries
        }
        let kept = entries.sorted { $0.value.used > $1.value.used }.prefix(capacity)
        return Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
