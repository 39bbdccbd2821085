import Foundation
import Sarai
import SaraiConfiguration

/// The file of the user's unit.
struct UnitFile {
    /// Where it is, or would be.
    let path: String

    /// The file of this user.
    static var own: UnitFile {
        let environment = ProcessInfo.processInfo.environment
        let named = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = named ?? SaraiPaths.current.home + "/.config"
        return UnitFile(path: "\(folder)/systemd/user/\(SystemdUnit.name)")
    }

    /// What it says; `nil` if it is not there.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be read.
    func content() throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else {
            return nil
        }
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be read: \(error.localizedDescription)")
        }
    }

    /// Makes sure that nobody else's work is lost.
    ///
    /// - Parameter verb: what is about to be done to it.
    /// - Returns: whether the file is there.
    /// - Throws: ``CommandFailure`` if somebody else has written it.
    func requireOwn(before verb: String) throws -> Bool {
        guard let content = try content() else {
            return false
        }
        guard content.hasPrefix(SystemdUnit.mark) else {
            throw CommandFailure(
                .failed, "\(path) was not written by Sarai. '--force' \(verb) it nevertheless; look at it first.")
        }
        return true
    }

    /// Puts the unit there in one step.
    func write(_ unit: SystemdUnit) throws {
        do {
            let folder = (path as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(unit.text.utf8).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Takes it away.
    func remove() throws {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw CommandFailure(.failed, "\(path) cannot be removed: \(error.localizedDescription)")
        }
    }
}
