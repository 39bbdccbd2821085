package import SaraiCore
package import SystemPackage

/// The folder of a Whisper model in the format of CTranslate2, as far as it tells what the model will take.
package struct WhisperModel: Hashable, Sendable {
    /// Size of the weights as the file has them: 16 bits each, as the usual conversions are.
    package let weights: MemorySize

    /// A model whose weights' file is of this size.
    package init(weights: MemorySize) {
        self.weights = weights
    }

    /// Looks at a model's files. Reads some bytes.
    ///
    /// - Parameter folder: the model's folder.
    /// - Returns: what it holds.
    /// - Throws: an error that names the file, and what is wrong with it.
    package static func read(_ folder: FilePath) throws(WhisperModelError) -> WhisperModel {
        let weights = folder.appending("model.bin")
        let (head, size) = try head(of: weights)
        // A version of the format, and the kind of model as a text that its length goes before.
        guard head.dropFirst(4).starts(with: [12, 0] + Array("WhisperSpec".utf8) + [0]) else {
            throw WhisperModelError(message: "\(weights): not a Whisper model in CTranslate2's format")
        }
        for name in ["config.json", "tokenizer.json"] {
            _ = try Self.head(of: folder.appending(name))
        }
        // Older conversions have the one, newer ones the other.
        do {
            _ = try Self.head(of: folder.appending("vocabulary.json"))
        } catch {
            _ = try Self.head(of: folder.appending("vocabulary.txt"))
        }
        return WhisperModel(weights: MemorySize(bytes: size))
    }

    private static func head(of file: FilePath) throws(WhisperModelError) -> (bytes: [UInt8], size: Int) {
        do {
            // Without `nonBlocking` a pipe at this path would hold the caller until someone writes to it.
            let descriptor = try FileDescriptor.open(file, .readOnly, options: [.nonBlocking, .closeOnExec])
            return try descriptor.closeAfter {
                let status = try descriptor.stat()
                guard status.type == .regular else {
                    throw Errno.invalidArgument
                }
                var bytes = [UInt8](repeating: 0, count: 64)
                let count = try bytes.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                return (Array(bytes.prefix(count)), Int(status.size))
            }
        } catch {
            throw WhisperModelError(message: "\(file): cannot be read: \(error)")
        }
    }
}

/// What is wrong with the folder of a Whisper model.
package struct WhisperModelError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file, and what is wrong with it.
    package let message: String

    package var description: String { message }
}
