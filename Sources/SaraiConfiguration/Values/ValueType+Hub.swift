import SaraiCore

extension ValueType where Value == String {
    /// The base URL of a model hub. What comes from it is run, so it comes encrypted or from this machine.
    static let hubEndpoint = ValueType.scalar(
        hubNoun,
        schema: ["type": .string("string"), "pattern": .string("^[Hh][Tt][Tt][Pp][Ss]?://")],
        render: { $0 },
        parse: { text, reader throws(Complaint) in
            let url = try ServerURL(text, from: reader.origin)
            guard url.scheme == "https" || url.isLoopback else {
                throw Complaint(
                    .invalidValue,
                    "\(url.text) is neither encrypted nor on this machine. Write https:// if the server can do that.")
            }
            return url.brief
        }
    )

    private static var hubNoun: String { "a URL such as 'https://huggingface.co'" }
}

extension ValueType where Value == ModelSource {
    /// Where a model's files come from.
    static let modelSource = ValueType.scalar(
        ModelSource.noun,
        schema: ["type": .string("string"), "minLength": .integer(1)],
        render: { $0.description },
        parse: { text, _ throws(Complaint) in
            do throws(InvalidModelSource) {
                return try ModelSource(parsing: text)
            } catch {
                throw Complaint(.invalidValue, error.description)
            }
        }
    )
}

extension ServerURL {
    /// Whether the server is on this machine, by the name that the URL has.
    fileprivate var isLoopback: Bool {
        ["127.0.0.1:", "localhost:", "[::1]:"].contains { authority.hasPrefix($0) }
    }

    /// The URL without the port that its scheme has anyway.
    fileprivate var brief: String {
        let usual = scheme == "https" ? ":443" : ":80"
        let host = authority.hasSuffix(usual) ? String(authority.dropLast(usual.count)) : authority
        return "\(scheme)://\(host)\(path)"
    }
}
