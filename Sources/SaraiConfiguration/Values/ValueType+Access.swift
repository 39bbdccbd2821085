import SaraiCore

extension ValueType where Value == String {
    /// A file's path; made absolute. Whoever writes the file makes it.
    static let newFile = ValueType(
        noun: "a path",
        schema: .object(["type": .string("string"), "minLength": .integer(1)]),
        read: { value, reader in
            ValueType.text("a path").read(value, &reader).map {
                reader.surroundings.newPath($0, from: value.origin)
            }
        },
        render: { $0 },
        json: { .string($0) }
    )

    /// What a browser calls a web page's origin (RFC 6454): scheme, host, and the port unless it is the scheme's own.
    static let webOrigin = ValueType.scalar(
        originNoun,
        schema: ["type": .string("string"), "pattern": .string("^[Hh][Tt][Tt][Pp][Ss]?://")],
        render: { $0 },
        parse: { text, reader throws(Complaint) in
            let url = try ServerURL(text, from: reader.origin)
            guard url.path.isEmpty else {
                throw Complaint(
                    .invalidValue, "expected \(originNoun), found \(SourceValue.quoted(text)): leave the path out.")
            }
            let standardPort = url.scheme == "http" ? ":80" : ":443"
            let authority =
                url.authority.hasSuffix(standardPort)
                ? String(url.authority.dropLast(standardPort.count)) : url.authority
            return "\(url.scheme)://\(authority)"
        }
    )

    private static var originNoun: String { "an origin such as 'https://chat.example'" }
}

extension ValueType where Value == [Secret] {
    /// API keys: a list, or a text with commas between them.
    static let apiKeys = ValueType(
        noun: "API keys, as ${NAME}",
        schema: ValueType<[Secret]>.list(of: .secret, noun: "").schema,
        read: { value, reader in
            guard let texts = ValueType.list(of: .secret, noun: "API keys").read(value, &reader) else {
                return nil
            }
            let keys = texts.flatMap { $0.value.split(separator: ",") }.map { Secret(String($0)) }
            guard keys.allSatisfy({ $0.value.utf8.count >= minimumLength }) else {
                let message =
                    "a key has fewer than \(minimumLength) characters, which can be guessed. Make one with "
                    + "'openssl rand -base64 24', or use 'sarai keys add NAME'."
                reader.findings.report(.invalidValue, at: value.origin, reader.keyPath, message)
                return nil
            }
            return keys
        },
        render: { $0.isEmpty ? "[]" : $0.map(\.description).joined(separator: ", ") },
        json: { _ in .array([]) }
    )

    /// Of a random key in base64 with 128 bits.
    private static var minimumLength: Int { 22 }
}

extension ValueType where Value == SecretFile {
    /// The path of a file whose first line is a secret.
    static let secretFile = ValueType(
        noun: "a path",
        schema: ValueType<String>.existingFile.schema,
        read: { value, reader in
            guard let path = ValueType<String>.existingFile.read(value, &reader) else {
                return nil
            }
            let line = reader.surroundings.readText(path)?.split(whereSeparator: \.isNewline).first
            let secret = line.map { String($0.trimmingSuffix(while: \.isWhitespace)) } ?? ""
            guard !secret.isEmpty, secret.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                let message =
                    "\(path) cannot be read, or its first line is no key: expected printable ASCII without spaces."
                reader.findings.report(.invalidValue, at: value.origin, reader.keyPath, message)
                return nil
            }
            return SecretFile(path: path, secret: Secret(secret))
        },
        render: { $0.path },
        json: { .string($0.path) }
    )
}

extension Substring {
    /// The text without the characters at its end that satisfy `predicate`.
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self
        while let last = text.last, predicate(last) {
            text.removeLast()
        }
        return text
    }
}

extension ValueType where Value == TLSFiles {
    /// A mapping of both files.
    static let tlsFiles = ValueType(
        noun: tlsNoun,
        schema: .object(["$ref": .string("#/$defs/tls")]),
        read: { value, reader in
            guard case .mapping = value.content else {
                reader.report(expected: tlsNoun, found: value)
                return nil
            }
            let draft = reader.readMapping(value, of: ConfigurationSchema.tlsEntry).draft
            guard let certificate = draft.certificate, let key = draft.key else {
                return nil
            }
            return TLSFiles(certificate: certificate, key: key)
        },
        render: { "{certificate: \($0.certificate), key: \($0.key)}" },
        json: { .object(["certificate": .string($0.certificate), "key": .string($0.key)]) }
    )

    private static var tlsNoun: String { "a mapping {certificate: FILE, key: FILE}" }
}
