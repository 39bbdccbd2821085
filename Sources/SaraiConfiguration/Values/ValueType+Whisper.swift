import SaraiCore

extension ValueType where Value == String {
    /// The folder of a Whisper model; made absolute. That its files are there is not required, but noted when they are not.
    static let whisperFolder = ValueType(
        noun: "a folder",
        schema: .object(["type": .string("string"), "minLength": .integer(1)]),
        read: { value, reader in
            guard let text = ValueType.text("a folder").read(value, &reader) else {
                return nil
            }
            // Of all its files, this is the one that everybody has to have: where it is, is the folder that is meant.
            let weights = "/model.bin"
            let folder = String(reader.surroundings.path(text + weights, from: value.origin).dropLast(weights.count))
            let exists = reader.surroundings.fileExists
            var missing = ["model.bin", "config.json", "tokenizer.json"].filter { !exists("\(folder)/\($0)") }
            if !["vocabulary.json", "vocabulary.txt"].contains(where: { exists("\(folder)/\($0)") }) {
                missing.append("vocabulary.json")
            }
            reader.findings.missingFiles += missing.map {
                MissingFile(keyPath: reader.keyPath, path: "\(folder)/\($0)", origin: reader.origin)
            }
            return folder
        },
        render: { $0 },
        json: { .string($0) }
    )
}
