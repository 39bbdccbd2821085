import Foundation
import SaraiCore

/// What is known of a download that is not complete; kept beside its file, so that it survives the process.
///
/// It counts only what was on the disk when it was written: after a power cut as after `kill -9` the bytes that it speaks of
/// are there.
struct DownloadJournal: Codable, Hashable, Sendable {
    /// The form of the file; another one is not read.
    private static let currentVersion = 1

    private let version: Int
    /// Where the file comes from, for a person; without a query.
    let source: String
    /// Bytes of the file.
    let size: Int
    private let sha256: String?
    private let validator: String?
    private let pieceSize: Int
    private let done: [Int]

    /// The journal of a download.
    init(_ file: RemoteFile, _ pieces: PieceLedger) {
        version = Self.currentVersion
        source = "\(file.address)"
        size = file.size
        sha256 = file.digest?.hex
        validator = file.validator
        pieceSize = pieces.pieceSize
        done = pieces.done
    }

    /// Bytes that are there.
    var completed: Int {
        pieces?.completed ?? 0
    }

    /// What is there; `nil` of a journal that contradicts itself.
    var pieces: PieceLedger? {
        PieceLedger(size: size, pieceSize: pieceSize, done: done)
    }

    /// What is there of a file, if this is the journal of the very same.
    ///
    /// - Parameter file: as the server has it now.
    /// - Returns: `nil` if it is another file, or if nothing tells that it is not, or if no parts can be asked for.
    func pieces(of file: RemoteFile) -> PieceLedger? {
        guard file.sendsParts, size == file.size else {
            return nil
        }
        if let sha256, let digest = file.digest {
            return sha256 == digest.hex ? pieces : nil
        }
        return validator != nil && validator == file.validator && source == "\(file.address)" ? pieces : nil
    }

    // MARK: On disk

    /// The path of the journal of an incomplete file.
    static func path(of partial: String) -> String {
        partial + ".json"
    }

    /// Reads the journal of an incomplete file; `nil` if there is none that can be used.
    static func read(of partial: String) -> DownloadJournal? {
        guard let data = FileManager.default.contents(atPath: path(of: partial)), data.count <= 1 << 20,
            let journal = try? JSONDecoder().decode(DownloadJournal.self, from: data),
            journal.version == currentVersion, journal.pieces != nil
        else {
            return nil
        }
        return journal
    }

    /// Writes the journal, at once or not at all.
    ///
    /// - Parameter partial: the incomplete file, whose bytes must be on the disk already.
    /// - Throws: why it cannot be written.
    func write(of partial: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(self).write(to: URL(filePath: Self.path(of: partial)), options: .atomic)
    }

    /// Removes the journal of a file that is complete or given up.
    static func remove(of partial: String) {
        // That there is none is all right, and one that stays is not believed without its file.
        try? FileManager.default.removeItem(atPath: path(of: partial))
    }
}
