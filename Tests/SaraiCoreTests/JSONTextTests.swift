import Foundation
import Testing

@testable import SaraiCore

/// JSON text, read and written by Sarai itself because no one else keeps the order of members.
@Suite struct JSONTextTests {
    private func parsed(_ text: String) throws -> JSONValue {
        try JSONCoding.decode(from: text)
    }

    @Test(arguments: [
        #"{"zeta":1,"alpha":{"z":true,"a":null,"m":[{"y":0,"b":""}]},"mid":"x"}"#, "[]", "{}", #""""#, "-0.5",
        "12345678901234567890123", "0.1000000000000000055511151231257827", "1e999", "4.9e-324", "9007199254740993",
        "-9223372036854775808", #"["\"\\\n\r\t\u0001","日本 🐈‍⬛","/"]"#,
    ])
    func whatWasReadIsWrittenAgain(text: String) throws {
        #expect(JSONCoding.text(try parsed(text)) == text)
    }

    @Test(arguments: [
        (" [ 1 ,\n2\t] ", "[1,2]"), (#""\u00e9\ud83d\ude00\/\b\f""#, "\"é😀/\\u0008\\u000c\""), ("1.0", "1"),
        ("1E2", "100"),
        (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
    ])
    func otherWaysToWriteTheSame(text: String, plain: String) throws {
        #expect(JSONCoding.text(try parsed(text)) == plain)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{a:1}"#, "[1 2]", "tru", "nulll", "01", "-", "1.", ".5",
        "1e", "+1", "NaN", "'a'", "\"a", "\"\n\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#,
        #""\udc00""#,
        "[1]x", "\u{FEFF}1", "1 1",
    ])
    func whatIsNoJSONIsRefused(text: String) {
        #expect(throws: JSONParsingError.self) { try parsed(text) }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]])
    func bytesThatAreNoUTF8AreRefused(bytes: [UInt8]) {
        let document = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
        #expect(throws: JSONParsingError.self) {
            try document.withUnsafeBytes { try JSONCoding.decode(JSONValue.self, from: $0) }
        }
    }

    @Test func nestingIsBounded() throws {
        let depth = JSONCoding.maximumDepth
        let deepest = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(JSONCoding.text(try parsed(deepest)) == deepest)
        #expect(throws: JSONParsingError.self) { try parsed("[" + deepest + "]") }
        #expect(throws: JSONParsingError.self) { try parsed(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("a text of any length, with a special character at any place, as Foundation writes and reads it")
    func stringsOfAllLengths() throws {
        for special in ["\"", "\\", "\u{1F}", "\u{7F}", "ÿ", "日", "😀", ""] {
            for length in 0...20 {
                let text = String(repeating: "a", count: length) + special + String(repeating: "b", count: 20 - length)
                let foundation = String(decoding: try JSONEncoder().encode([text]), as: UTF8.self)
                #expect(try parsed(foundation) == .array([.string(text)]))
                let own = JSONCoding.text(.array([.string(text)]))
                #expect(try JSONDecoder().decode([String].self, from: Data(own.utf8)) == [text])
            }
        }
    }

    @Test func errorsTellWhere() {
        do {
            _ = try parsed(#"{"a": 1, "b": tru}"#)
            Issue.record("no error")
        } catch {
            #expect("\(error)" == "expected a value at byte 14")
        }
    }
}
