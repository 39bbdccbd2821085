import CSaraiRouter
import Foundation
import Synchronization

/// The router's heads: those that come with the program, and those that are files.
package struct RouterHeads: Sendable {
    /// The router of texts that are still being written.
    package let mini: Result<MiniRouter, RouterFileError>
    private let best: Result<RouterHead, RouterFileError>
    private let recursive: Result<RouterHead, RouterFileError>
    private let files = HeadFiles()

    /// Those that come with the program, always in memory.
    package static let shipped = RouterHeads()

    private init() {
        best = Self.head(sarai_router_weights(), "router.safetensors")
        recursive = Self.head(sarai_trm_weights(), "trm.safetensors")
        let weights = sarai_mini_weights()
        mini = Result { () throws(RouterFileError) in
            try MiniRouter(
                safetensors: UnsafeBufferPointer(start: weights.bytes, count: weights.count), file: "mini.safetensors")
        }
    }

    /// The head that a configuration asks for.
    ///
    /// - Parameters:
    ///   - trm: the recursive head, rather than the one that did best in training.
    ///   - file: the path of a head to use instead of either. It is read once, as long as it can be used, until
    ///     ``forgetFiles()``.
    /// - Returns: the head.
    /// - Throws: why the file cannot be used.
    package func head(trm: Bool, file: String?) throws(RouterFileError) -> RouterHead {
        guard let file else {
            return try (trm ? recursive : best).get()
        }
        return try files.head(file)
    }

    /// Has files read again when they are next asked for.
    package func forgetFiles() {
        files.forget()
    }

    private static func head(_ weights: SaraiWeights, _ name: String) -> Result<RouterHead, RouterFileError> {
        Result { () throws(RouterFileError) in
            try RouterHead(
                safetensors: UnsafeBufferPointer(start: weights.bytes, count: weights.count), file: name)
        }
    }
}

/// Heads that were read from files, by path. One that could not be used is tried again.
private final class HeadFiles: Sendable {
    /// No head of a sentence embedding comes near it.
    private static let largestFile = 64 << 20

    private let heads = Mutex<[String: RouterHead]>([:])

    func head(_ path: String) throws(RouterFileError) -> RouterHead {
        if let head = heads.withLock({ $0[path] }) {
            return head
        }
        let head = try RouterHead(safetensors: Self.read(path), file: path)
        heads.withLock { $0[path] = head }
        return head
    }

    func forget() {
        heads.withLock { $0.removeAll() }
    }

    private static func read(_ path: String) throws(RouterFileError) -> Data {
        let remedy = "set router.file to a file from `make train-router`, or leave it out"
        let target = URL(filePath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: target),
            attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int
        else {
            throw RouterFileError(path, "there is no such file", remedy: remedy)
        }
        guard size <= largestFile else {
            throw RouterFileError(path, "\(size >> 20) MiB are no router's head", remedy: remedy)
        }
        guard let data = FileManager.default.contents(atPath: target) else {
            throw RouterFileError(path, "it cannot be read", remedy: remedy)
        }
        return data
    }
}
