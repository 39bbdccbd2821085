import Foundation
import Testing

@testable import SaraiCore

/// Types, by their `Codable`: the same as with Foundation's coders, but for the order.
@Suite struct JSONCodingTests {
    private struct Sample: Codable, Equatable {
        var zeta: Int
        var alpha: [String: [Double?]]
        var float: Float
        var nested: Nested?
        var any: JSONValue
        var small: UInt8
        var words: [String]
        var missing: String?

        struct Nested: Codable, Equatable {
            var yes: Bool
            var kind: Kind
        }

        enum Kind: String, Codable {
            case good, bad
        }
    }

    private static let sample = Sample(
        zeta: -3, alpha: ["k": [1.5, nil]], float: 0.1, nested: .init(yes: true, kind: .bad),
        any: .object(["z": .integer(1), "a": .array([.null, .string("é\n")])]), small: 255, words: ["", "x"])

    private static let text =
        #"{"zeta":-3,"alpha":{"k":[1.5,null]},"float":0.1,"nested":{"yes":true,"kind":"bad"},"#
        + #""any":{"z":1,"a":[null,"é\n"]},"small":255,"words":["","x"]}"#

    @Test func thereAndBack() throws {
        #expect(String(decoding: try JSONCoding.encode(Self.sample), as: UTF8.self) == Self.text)
        #expect(try JSONCoding.decode(Sample.self, from: Self.text) == Self.sample)
    }

    @Test func foundationUnderstandsIt() throws {
        #expect(try JSONDecoder().decode(Sample.self, from: Data(Self.text.utf8)) == Self.sample)
        let foundation = String(decoding: try JSONEncoder().encode(Self.sample), as: UTF8.self)
        #expect(try JSONCoding.decode(Sample.self, from: foundation) == Self.sample)
    }

    @Test(
        "what does not fit is an error that tells where",
        arguments: [
            (#""zeta":-3"#, #""zeta":"x""#, "zeta"), (#""zeta":-3"#, #""zeta":1.5"#, "zeta"),
            (#""zeta":-3"#, #""zeta":99999999999999999999"#, "zeta"), (#""zeta":-3,"#, "", "zeta"),
            (#""small":255"#, #""small":256"#, "small"), (#""yes":true"#, #""yes":null"#, "nested.yes"),
            (#""kind":"bad""#, #""kind":"ugly""#, "nested.kind"), (#"["","x"]"#, #"["",7]"#, "words.1"),
            (#"["","x"]"#, "{}", "words"), (#""float":0.1"#, #""float":1e99"#, "float"),
        ])
    func errors(part: String, replacement: String, path: String) {
        do {
            _ = try JSONCoding.decode(Sample.self, from: Self.text.replacingOccurrences(of: part, with: replacement))
            Issue.record("no error")
        } catch let error as DecodingError {
            #expect(error.path == path)
        } catch {
            Issue.record(error)
        }
    }

    @Test func numbersOfOtherKinds() throws {
        #expect(try JSONCoding.decode([Int].self, from: "[1.0, 1e2, -0]") == [1, 100, 0])
        let doubles = try JSONCoding.decode([Double].self, from: "[1, 36893488147419103232, 0.30000000000000004]")
        #expect(doubles == [1, 0x1p65, 0.1 + 0.2])
        #expect(try JSONCoding.decode(UInt64.self, from: "18446744073709551615") == .max)
        #expect(String(decoding: try JSONCoding.encode([UInt64.max]), as: UTF8.self) == "[18446744073709551615]")
        #expect(String(decoding: try JSONCoding.encode([0.1 as Float, 1, .nan]), as: UTF8.self) == "[0.1,1.0,null]")
    }
}

extension DecodingError {
    /// The path of the member that is wrong.
    fileprivate var path: String {
        let keys: [any CodingKey] =
            switch self {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            @unknown default: []
            }
        return keys.map(\.stringValue).joined(separator: ".")
    }
}
