import SaraiBackends
import SaraiHub
import SaraiMemory
import SystemPackage

/// A GGUF file that is planned without being configured: its header, and how it was had.
struct FilePlanFile {
    /// Where the header came from.
    enum Origin {
        /// This machine, which has so many bytes of the file.
        case disk(present: Int)
        /// A server.
        case server(RemoteHeader.Traffic)
    }

    /// The path or URL, as it was given.
    let source: String
    /// The header; of a model that is split into several files, with the tensors of all.
    let header: GGUFHeader
    /// Bytes of the whole file, or of all of them.
    let size: Int
    /// Where the header came from.
    let origin: Origin

    /// Reads a header from a file, whole or not, or from a server.
    static func read(_ source: String) async throws -> FilePlanFile {
        let scheme = source.prefix { $0 != ":" }.lowercased()
        guard source.contains("://"), scheme == "http" || scheme == "https" else {
            return try readFromDisk(source)
        }
        do {
            let remote = try await RemoteHeaderReader.read(source)
            return FilePlanFile(
                source: source, header: remote.header, size: remote.fileSize, origin: .server(remote.traffic))
        } catch let error as BackendError {
            throw CommandFailure(.failed, "\(error.message).")
        } catch let error as GGUFError {
            throw CommandFailure(.failed, "\(error.message).")
        }
    }

    /// Reads the header of a file that a pull would bring.
    static func read(_ item: PullItem, with puller: ModelPuller) async throws -> FilePlanFile {
        let remote = try await puller.header(of: item)
        return FilePlanFile(
            source: item.source, header: remote.header, size: remote.fileSize, origin: .server(remote.traffic))
    }

    private static func readFromDisk(_ path: String) throws -> FilePlanFile {
        do throws(GGUFError) {
            let file = try GGUFHeader.readPartial(FilePath(path))
            return FilePlanFile(
                source: path, header: file.header, size: file.needed, origin: .disk(present: file.present))
        } catch {
            let isCut = error.code == .truncated
            let advice = isCut ? " The header must be there: wait for more of the file, or name its URL." : ""
            throw CommandFailure(.failed, "\(error.message).\(advice)")
        }
    }
}
