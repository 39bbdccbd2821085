import SaraiCore
import Testing

@testable import SaraiPipelines

@Suite("The language of a text")
struct LanguageGuessTests {
    @Test(
        "Spanish",
        arguments: [
            "¿Qué hora es en Tokio?", "hola", "buenas tardes", "dame una receta de croquetas", "xq no me anda el wifi",
            "kiero saber cuanto cuesta el bus a sevilla", "Necesito ayuda con mi currículum", "gracias!!",
            "me siento fatal hoy, he discutido con mi hermana", "explicame la fotosintesis como si tuviera 5 años",
            "tiempo mañana madrid", "cuál es la capital de Australia", "un poema sobre el mar", "¿RAID 6 o RAID 10?",
            "hazme un resumen de esto", "precio del aceite de oliva hoy", "dime algo bonito",
            "no me compila y no sé por qué: error: cannot find 'foo' in scope",
            "por qué no me funciona esto: for i in range(10): if x is not None: with open('f') as f: pass",
            "¿cómo hago un git rebase interactivo?", "el deploy me da un timeout en el load balancer, ayuda",
            "porfa revisa este email, que es para mi jefe: Dear Sir, I have attached the invoice.",
            "```python\ndef f(x):\n    # return the sum of all the values that we have\n    return sum(x)\n```\nno sé qué hace",
            "SELECT * FROM users WHERE id = 3 AND name IS NOT NULL; -- me da error, ¿por qué?",
            "qué significa \"break the ice\"",
        ])
    func spanish(text: String) {
        #expect(Language(of: text) == .spanish)
        #expect(Language(of: text.uppercased()) == .spanish)
    }

    @Test(
        "English",
        arguments: [
            "What time is it in Tokyo?", "hello", "thanks a lot", "give me a recipe for pancakes",
            "y is my wifi so slow",
            "whats the weather like in San José today", "I feel awful, had a fight with my sister",
            "explain photosynthesis like I'm five", "who won the match last night", "a poem about the sea",
            "How do I get to La Paz from Santa Cruz de la Sierra by bus?", "best café in Buenos Aires for working",
            "fix my résumé please", "translate 'buenas noches' for me please, what does it mean",
            "it says ENOENT: no such file or directory, what do I do",
            "why does for i in range(10): print(i) not print 10?", "TL;DR this", "rewrite it so that it's shorter",
            "my boss is el diablo, what should I tell him",
            "```sql\nSELECT nombre FROM usuarios WHERE edad > 30\n```\nwhy is this slow?",
            "help me debug: TypeError: undefined is not a function", "what's the capital of Perú?",
        ])
    func english(text: String) {
        #expect(Language(of: text, else: .spanish) == .english)
        #expect(Language(of: text.uppercased(), else: .spanish) == .english)
    }

    @Test(
        "what does not tell has that of the conversation", arguments: ["", "ok?", "42", "C++", "print(x)", "🎉", "日本語"])
    func neither(text: String) {
        #expect(Language(of: text, else: .english) == .english)
        #expect(Language(of: text, else: .spanish) == .spanish)
    }

    @Test("a text of any length is looked at in its beginning only")
    func long() {
        let text =
            "the answer is that it is what they said. "
            + String(repeating: "la casa de los perros que hay en el sur. ", count: 50_000)
        #expect(Language(of: text) == .spanish)
    }
}
