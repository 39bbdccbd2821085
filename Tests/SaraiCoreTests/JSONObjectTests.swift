import Testing

@testable import SaraiCore

@Suite struct JSONObjectTests {
    @Test func membersKeepTheirPlaces() {
        var object: JSONObject = ["z": .integer(1), "a": .integer(2)]
        object["m"] = .null
        object["z"] = .bool(true)
        #expect(object.map(\.key) == ["z", "a", "m"])
        object["a"] = nil
        object["nobody"] = nil
        #expect(object.map(\.key) == ["z", "m"] && object["a"] == nil)
        object["a"] = .integer(3)
        #expect(JSONCoding.text(.object(object)) == #"{"z":true,"m":null,"a":3}"#)
    }

    @Test("the same, however many members there are", arguments: [1, 16, 17, 18, 400])
    func lookingUp(count: Int) {
        var object = JSONObject()
        for number in 0..<count {
            object["k\(number)"] = .integer(number)
        }
        object["k0"] = .integer(-1)
        #expect(object.count == count && object.map(\.key) == (0..<count).map { "k\($0)" })
        #expect((1..<count).allSatisfy { object["k\($0)"] == .integer($0) } && object["k0"] == .integer(-1))
        object["k0"] = nil
        #expect(object["k0"] == nil && object["k\(count)"] == nil)
        #expect((1..<count).allSatisfy { object["k\($0)"] == .integer($0) })
    }

    @Test func orderIsNoPartOfWhatIsSaid() {
        let one: JSONValue = .object(["a": .integer(1), "b": .integer(2)])
        let other: JSONValue = .object(["b": .integer(2), "a": .integer(1)])
        #expect(one == other && one.hashValue == other.hashValue)
        #expect(one != .object(["a": .integer(1), "b": .integer(3)]) && one != .object(["a": .integer(1)]))
    }

    @Test("a quarter of a million members take no longer each than a few")
    func manyMembers() throws {
        let text = "{" + (0..<250_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        let value: JSONValue = try JSONCoding.decode(from: text)
        #expect(value["249999"] == .integer(0))
    }
}
