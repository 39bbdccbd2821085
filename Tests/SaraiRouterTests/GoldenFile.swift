import Foundation

/// Files that `training/` wrote beside the weights.
enum GoldenFile {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    /// Reads a file of the folder `Golden`; an error if it is not there.
    static func read<Content: Decodable>(_ name: String) throws -> Content {
        try JSONDecoder().decode(
            Content.self, from: Data(contentsOf: tests.appending(path: "Golden").appending(path: name)))
    }

    /// A page of `docs`.
    static func page(_ name: String) throws -> String {
        try String(contentsOf: tests.appending(path: "../../docs/\(name)").standardized, encoding: .utf8)
    }

    /// The texts of one source of the training data, by line.
    static func texts(source: String) throws -> [String] {
        struct Row: Decodable {
            let text: String
        }
        let path = tests.appending(path: "../../training/data/requests/\(source).jsonl").standardized
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
            try JSONDecoder().decode(Row.self, from: Data(line.utf8)).text
        }
    }
}
