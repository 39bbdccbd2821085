import SaraiCore

/// The fields of a form that came as `multipart/form-data` (RFC 7578).
struct MultipartForm {
    /// A field's content and, of a file, its name.
    struct Field {
        let name: String
        let fileName: String?
        let content: ArraySlice<UInt8>

        /// The content as text.
        var text: String { String(decoding: content, as: UTF8.self) }
    }

    /// In the order of the body.
    let fields: [Field]

    /// More than any form has that Sarai knows.
    private static let maximumFields = 32
    /// Bytes of a field's headers, at most; each of them is taken apart.
    private static let maximumHeaders = 8 << 10

    /// Takes a body apart.
    ///
    /// - Parameters:
    ///   - body: the whole body.
    ///   - contentType: the header, with the boundary.
    /// - Throws: ``SaraiCore/PoolError`` if it is not a form.
    init(_ body: [UInt8], contentType: String) throws(PoolError) {
        let boundary = try Self.boundary(in: contentType)
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter has no line before it.
        let opening = Array(delimiter.dropFirst(2))
        guard body.starts(with: opening) else {
            throw PoolError(.invalidRequest, "the form does not begin with its boundary")
        }
        var fields: [Field] = []
        var rest = body.dropFirst(opening.count)
        while !rest.starts(with: Array("--".utf8)) {
            guard fields.count < Self.maximumFields else {
                throw PoolError(.invalidRequest, "the form has more than \(Self.maximumFields) fields")
            }
            guard let headersEnd = rest.prefix(Self.maximumHeaders).firstIndex(of: Array("\r\n\r\n".utf8)) else {
                throw PoolError(
                    .invalidRequest,
                    "the form is cut off in the headers of a field, or these have more than \(Self.maximumHeaders) bytes"
                )
            }
            let content = rest[(headersEnd + 4)...]
            guard let end = content.firstIndex(of: delimiter) else {
                throw PoolError(.invalidRequest, "the form is cut off in the content of a field")
            }
            fields.append(try Self.field(headers: rest[..<headersEnd], content: content[..<end]))
            rest = content[(end + delimiter.count)...]
        }
        self.fields = fields
    }

    /// The first field of a name.
    func field(_ name: String) -> Field? {
        fields.first { $0.name == name }
    }

    private static func boundary(in contentType: String) throws(PoolError) -> String {
        guard let boundary = parameter("boundary", in: contentType), (1...70).contains(boundary.utf8.count) else {
            throw PoolError(.invalidRequest, "Content-Type: the form has no boundary")
        }
        return boundary
    }

    private static func field(
        headers: ArraySlice<UInt8>, content: ArraySlice<UInt8>
    ) throws(PoolError) -> Field {
        let lines = String(decoding: headers, as: UTF8.self).split(separator: "\r\n")
        guard let disposition = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }),
            let name = parameter("name", in: String(disposition))
        else {
            throw PoolError(.invalidRequest, "a field of the form has no name")
        }
        return Field(name: name, fileName: parameter("filename", in: String(disposition)), content: content)
    }

    /// A parameter of a header, quoted or not: `form-data; name="file"`.
    private static func parameter(_ name: String, in header: String) -> String? {
        for part in parts(of: header).dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingPrefix(while: \.isWhitespace) }
            guard pair.count == 2, pair[0].lowercased() == name else {
                continue
            }
            guard pair[1].hasPrefix("\"") else {
                return String(pair[1].prefix { !$0.isWhitespace })
            }
            return String(pair[1].dropFirst().prefix { $0 != "\"" })
        }
        return nil
    }

    /// The parts of a header between semicolons, of which those in quotes count as any other letter.
    private static func parts(of header: String) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in header {
            if character == "\"" {
                isQuoted.toggle()
            }
            if character == ";", !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }
}

extension ArraySlice<UInt8> {
    /// Where `pattern` begins first.
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        guard let head = pattern.first else {
            return startIndex
        }
        var start = startIndex
        while let candidate = self[start...].firstIndex(of: head) {
            if self[candidate...].starts(with: pattern) {
                return candidate
            }
            start = candidate + 1
        }
        return nil
    }
}
