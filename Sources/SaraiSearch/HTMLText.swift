/// Reads the text out of a piece of HTML, as far as titles and snippets need it; plain text comes out as it is.
struct HTMLText {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var output: [Unicode.Scalar] = []

    /// Text with markup in it.
    init(_ html: String) {
        source = Array(html.unicodeScalars)
    }

    /// The text without markup.
    mutating func read() -> [Unicode.Scalar] {
        while position < source.count {
            let isMarkup =
                switch source[position] {
                case "<": skipComment() || skipTag()
                case "&": readEntity()
                default: false
                }
            if !isMarkup {
                output.append(source[position])
                position += 1
            }
        }
        return output
    }

    private mutating func skipComment() -> Bool {
        guard starts(with: "<!--", at: position) else {
            return false
        }
        position = firstIndex(of: "-->", from: position + 4).map { $0 + 3 } ?? source.count
        return true
    }

    /// Skips a tag that HTML has: `vector<int>` is left alone.
    private mutating func skipTag() -> Bool {
        var start = position + 1
        let isClosing = start < source.count && source[start] == "/"
        start += isClosing ? 1 : 0
        let letters = source[start...].prefix(11).prefix {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0))
        }
        let name = String(String.UnicodeScalarView(letters)).lowercased()
        let isInline = Self.inlineTags.contains(name)
        guard isInline || Self.blockTags.contains(name), letters.endIndex < source.count,
            source[letters.endIndex].isBlank || "/>".unicodeScalars.contains(source[letters.endIndex]),
            let end = source[letters.endIndex...].firstIndex(of: ">")
        else {
            return false
        }
        position = end + 1
        if !isClosing, Self.hiddenTags.contains(name) {
            position = firstIndex(of: "</\(name)", from: position) ?? source.count
        }
        if !isInline {
            output.append(" ")
        }
        return true
    }

    private mutating func readEntity() -> Bool {
        let name = source[(position + 1)...].prefix(12).prefix { $0 != ";" }
        guard name.endIndex < source.count, source[name.endIndex] == ";",
            let scalar = HTMLEntity.scalar(String(String.UnicodeScalarView(name)))
        else {
            return false
        }
        output.append(scalar)
        position = name.endIndex + 1
        return true
    }

    private func firstIndex(of text: String, from start: Int) -> Int? {
        (start..<max(start, source.count)).first { starts(with: text, at: $0) }
    }

    /// Whether a text in lower case stands at a place, in any case.
    private func starts(with text: String, at start: Int) -> Bool {
        source[start...].prefix(text.unicodeScalars.count)
            .elementsEqual(text.unicodeScalars) { $0.properties.lowercaseMapping == String($1) }
    }

    /// Tags in the middle of words.
    private static let inlineTags: Set<String> = [
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
        "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    ]
    /// Tags that separate words.
    private static let blockTags: Set<String> = hiddenTags.union([
        "article", "aside", "blockquote", "body", "br", "button", "center", "dd", "div", "dl", "dt", "figcaption",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe",
        "img", "input", "li", "link", "main", "meta", "nav", "object", "ol", "option", "p", "picture", "pre",
        "section", "select", "source", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title",
        "tr", "ul", "video",
    ])
    /// Tags whose content nobody sees.
    private static let hiddenTags: Set<String> = ["noscript", "script", "style", "template"]
}
