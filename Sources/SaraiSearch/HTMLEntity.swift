/// The characters that HTML has names and numbers for.
enum HTMLEntity {
    /// The character of a reference without its `&` and `;`: `ntilde`, `#241`, `#xF1`.
    ///
    /// - Returns: `nil` if it is none that pages in English and Spanish use.
    static func scalar(_ reference: String) -> Unicode.Scalar? {
        guard reference.hasPrefix("#") else {
            return named[reference]
        }
        let digits = reference.dropFirst()
        let code = digits.first?.lowercased() == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.map { Unicode.Scalar($0) ?? "\u{FFFD}" }
    }

    private static let named: [String: Unicode.Scalar] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ",
        "thinsp": " ",
        "shy": "\u{AD}", "zwj": "\u{200D}", "zwnj": "\u{200C}", "lrm": "\u{200E}", "rlm": "\u{200F}",
        "aacute": "á", "eacute": "é", "iacute": "í", "oacute": "ó", "uacute": "ú", "uuml": "ü", "ntilde": "ñ",
        "Aacute": "Á", "Eacute": "É", "Iacute": "Í", "Oacute": "Ó", "Uacute": "Ú", "Uuml": "Ü", "Ntilde": "Ñ",
        "agrave": "à", "egrave": "è", "ccedil": "ç", "ouml": "ö", "auml": "ä", "iexcl": "¡", "iquest": "¿",
        "ordf": "ª", "ordm": "º", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“", "rdquo": "”",
        "ndash": "–", "mdash": "—", "hellip": "…", "bull": "•", "middot": "·", "deg": "°", "plusmn": "±", "times": "×",
        "divide": "÷", "frac12": "½", "euro": "€", "pound": "£", "cent": "¢", "yen": "¥", "copy": "©", "reg": "®",
        "trade": "™", "sect": "§", "para": "¶", "micro": "µ", "larr": "←", "rarr": "→", "le": "≤", "ge": "≥", "ne": "≠",
    ]
}
