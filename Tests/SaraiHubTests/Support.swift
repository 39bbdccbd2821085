import Foundation
import SaraiBackends
import SaraiCore
import Testing

@testable import SaraiHub

/// A digest that differs with its seed.
func digest(_ seed: Int) throws -> FileDigest {
    let text = String(seed)
    return try #require(FileDigest(String(repeating: "0", count: 64 - text.count) + text))
}

/// `hf.co/o/r`.
func repositorySource() throws -> (source: ModelSource, repository: HubRepository) {
    let source = try ModelSource(parsing: "hf.co/o/r")
    guard case .hub(let repository, _) = source.place else {
        throw HubError(.refused, "no repository")
    }
    return (source, repository)
}

/// A folder that is removed behind the test.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "sarai-hub-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A file as a server has it.
func remoteFile(
    size: Int = 1000, digest: FileDigest? = nil, validator: String? = "\"1\"", sendsParts: Bool = true,
    url: String = "https://hub/m.gguf"
) throws -> RemoteFile {
    let address = try RemoteAddress(url)
    return RemoteFile(
        address: address, location: address, size: size, digest: digest, validator: validator, sendsParts: sendsParts)
}
