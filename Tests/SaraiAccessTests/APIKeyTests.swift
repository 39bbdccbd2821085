import Foundation
import Testing

@testable import SaraiAccess

@Suite("API keys")
struct APIKeyTests {
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("have 238 random bits, all of them different")
    func random() throws {
        let keys = (0..<500).map { _ in APIKey().text }
        #expect(Set(keys).count == 500)
        for key in keys {
            #expect(key.hasPrefix("sarai-") && key.utf8.count == 46)
            #expect(key.dropFirst(6).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
        }
        // Each place takes many values.
        let places = (6..<46).map { place in Set(keys.map { Array($0)[place] }).count }
        #expect(places.allSatisfy { $0 > 40 })
    }

    @Test("digests are SHA-256, and read as they are written")
    func digests() throws {
        // FIPS 180-4's example.
        let digest = APIKeyDigest(of: "abc")
        #expect(digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try #require(APIKeyDigest(hex: digest.hex)).matches(digest))
        #expect(try #require(APIKeyDigest(hex: digest.hex.uppercased())).matches(digest))
        #expect(!digest.matches(APIKeyDigest(of: "abd")))
        for text in ["", "ba", String(repeating: "g", count: 64), digest.hex + "0", String(repeating: "é", count: 32)] {
            #expect(APIKeyDigest(hex: text) == nil, "\(text)")
        }
    }

    @Test("digests that differ in one bit anywhere do not match")
    func oneBit() throws {
        let hex = Array(APIKeyDigest(of: "abc").hex)
        for index in hex.indices {
            var changed = hex
            let digit = try #require(hex[index].hexDigitValue) ^ 1
            changed[index] = try #require(String(digit, radix: 16).first)
            let other = try #require(APIKeyDigest(hex: String(changed)))
            #expect(!other.matches(APIKeyDigest(of: "abc")))
        }
    }

    @Test("a ring knows its keys, until they are revoked")
    func ring() throws {
        var ring = APIKeyRing()
        let laptop = APIKey(), phone = APIKey()
        try ring.add(laptop, name: "laptop", at: Self.time)
        try ring.add(phone, name: "phone", at: Self.time)
        #expect(ring.owner(of: APIKeyDigest(of: laptop.text)) == "laptop")
        #expect(ring.owner(of: APIKeyDigest(of: phone.text)) == "phone")
        #expect(ring.owner(of: APIKeyDigest(of: laptop.text + "x")) == nil)
        #expect(ring.owner(of: APIKeyDigest(of: "")) == nil)
        #expect(try ring.revoke("laptop").isOf(laptop.text))
        #expect(ring.owner(of: APIKeyDigest(of: laptop.text)) == nil)
        #expect(ring.entries.map(\.name) == ["phone"])
    }

    @Test("names", arguments: ["laptop", "a", "A.b_c-1", String(repeating: "n", count: 64)])
    func names(name: String) throws {
        var ring = APIKeyRing()
        try ring.add(APIKey(), name: name, at: Self.time)
        #expect(ring.entries.map(\.name) == [name])
    }

    @Test(
        "texts that are no names", arguments: ["", "-a", "a b", "a/b", "ä", "a\n", String(repeating: "n", count: 65)])
    func noNames(name: String) {
        var ring = APIKeyRing()
        let error = #expect(throws: AccessError.self) { try ring.add(APIKey(), name: name, at: Self.time) }
        #expect(error?.code == .invalidName)
        #expect(ring.entries.isEmpty)
    }

    @Test("a name has one key, and what is not there cannot be revoked")
    func oneEach() throws {
        var ring = APIKeyRing()
        try ring.add(APIKey(), name: "laptop", at: Self.time)
        let twice = #expect(throws: AccessError.self) { try ring.add(APIKey(), name: "laptop", at: Self.time) }
        #expect(twice?.code == .duplicate)
        let unknown = #expect(throws: AccessError.self) { try ring.revoke("labtop") }
        #expect(unknown?.code == .unknownName)
        #expect(unknown?.message.contains("Did you mean 'laptop'?") == true)
        #expect(ring.entries.count == 1)
    }
}
