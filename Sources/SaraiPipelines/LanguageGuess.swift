package import SaraiCore

extension Language {
    /// The language in which somebody wrote, as far as its most frequent words and its own letters tell.
    ///
    /// - Parameters:
    ///   - text: what they wrote; with pasted code and foreign words in it, for all that matters.
    ///   - fallback: what it is when the text does not tell.
    package init(of text: String, else fallback: Language = .english) {
        let prose = Self.withoutFences(String(text.unicodeScalars.prefix(Self.enough)))
        // Programming languages are made of English words, and say nothing about who pasted them.
        let isCodeEnglish = Self.hasCode(prose)
        var spanish = 0, english = 0
        for word in prose.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "'" }).prefix(400) {
            if Self.spanishWords.contains(word) {
                spanish += 1
            } else if Self.englishWords.contains(word) || !isCodeEnglish && Self.codeWords.contains(word) {
                english += 1
            } else if word.contains(where: "ñáéíóú".contains) {
                spanish += 1
            }
        }
        if prose.contains(where: "¿¡".contains) {
            spanish += 2
        }
        self = spanish == english ? fallback : spanish > english ? .spanish : .english
    }

    /// Scalars that tell the language; a text may have millions.
    private static let enough = 8_000

    /// The text without what stands between marks for code; all of it, where nothing else is there.
    private static func withoutFences(_ text: String) -> String {
        let parts = text.split(separator: "```", omittingEmptySubsequences: false)
        let prose = parts.indices.filter { $0.isMultiple(of: 2) }.map { parts[$0] }.joined(separator: "\n")
        return prose.contains(where: \.isLetter) ? prose : text
    }

    /// Whether a text has many of the marks that code has and prose has not.
    private static func hasCode(_ text: String) -> Bool {
        let marks = text.utf8.count { "{}[]()<>=;:_/\\|$#*+`@".utf8.contains($0) }
        return marks >= 3 && marks * 30 >= text.utf8.count
    }

    // The most frequent words of each language that the other one does not have.
    private static let spanishWords: Set<Substring> = [
        "de", "la", "que", "el", "en", "y", "los", "se", "del", "las", "un", "por", "con", "una", "su", "para", "es",
        "al",
        "lo", "como", "más", "mas", "pero", "sus", "le", "ya", "o", "este", "sí", "porque", "esta", "cuando", "muy",
        "sin",
        "sobre", "también", "hasta", "hay", "donde", "quien", "desde", "todo", "nos", "uno", "les", "ni", "ese", "eso",
        "mi",
        "qué", "hola", "gracias", "cómo", "cuál", "cuánto", "tengo", "quiero", "puedo", "dime", "hoy", "q", "xq", "pq",
        "estoy", "soy", "tu", "te", "si", "son", "fue", "ser", "hacer", "puede", "ayuda", "necesito", "dame", "hazme",
        "esto", "esos", "esas", "estos", "estas", "está", "están", "eres", "hace", "cual", "cuanto", "cuantos", "aquí",
        "aqui", "ahora", "así", "asi", "bien", "algo", "nada", "tiene", "tienes", "mis", "tus", "pa", "tb", "mejor",
        "quién",
        "entre", "según", "segun", "aunque", "siempre", "nunca", "antes", "después", "despues", "luego", "cada", "otro",
        "otra", "buenas", "buenos", "favor", "porfa", "esa", "ella", "nosotros", "ellos", "tan", "tanto", "dos", "tres",
        "hago", "haz", "hazlo", "escribe", "escríbeme", "explícame", "explicame", "funciona", "va", "voy", "vale",
        "vez",
        "cuesta", "mañana", "ayer", "año", "años", "días", "dias", "casa", "vida", "trabajo", "gente", "mucho", "mucha",
        "poco", "cosa", "cosas", "decir", "significa", "saber", "sé", "estar", "tener", "hijo", "hija", "madre",
        "padre", "pon",
        "ponme",
    ]
    private static let englishWords: Set<Substring> = [
        "the", "of", "you", "that", "it", "was", "are", "his", "they", "had", "but", "what", "were", "when", "your",
        "there", "which", "she", "how", "their", "will", "my", "i'm", "it's", "don't", "hello", "thanks", "please",
        "need",
        "want", "why", "who", "would", "could", "should", "today", "im", "dont", "write", "give", "tell", "explain",
        "about",
        "does", "did", "am", "been", "has", "more", "some", "than", "then", "them", "these", "those", "our", "us", "up",
        "out", "so", "just", "like", "best", "because", "while", "where", "after", "before", "can't", "i've", "i'd",
        "i'll",
        "isn't", "doesn't", "didn't", "won't", "what's", "that's", "there's", "you're", "we're", "he's", "she's",
        "let's",
        "any", "got", "going", "good", "know", "think", "into", "very", "much", "many", "help", "hi", "hey",
        "fix", "work", "works", "make", "keep", "day", "week", "year", "years", "old", "new", "one", "two", "its",
        "whats",
        "cant", "ive", "id", "every", "still", "even", "only", "over", "here", "now", "mom", "mum", "dad", "kids",
    ]
    // Those that programs are written with, too.
    private static let codeWords: Set<Substring> = [
        "and", "to", "in", "is", "for", "on", "as", "with", "i", "at", "be", "this", "have", "from", "or", "by", "all",
        "we",
        "can", "said", "use", "an", "each", "do", "if", "not", "get", "u",
    ]
}
