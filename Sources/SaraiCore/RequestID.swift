/// Names a request on its way from the client to the worker or server, so that what each of them wrote about it can be found.
package struct RequestID: Hashable, Sendable {
    /// The request that the current task works for; `nil` where it works for none. Child tasks and tasks begun by it have the
    /// same.
    @TaskLocal package static var current: RequestID?

    /// The HTTP header that carries it, both ways.
    package static let header = "X-Request-ID"

    private static let lengths = 1...128

    /// 1…128 characters of `A–Z a–z 0–9 . _ - :`, so it may stand in a header and in a log as it is.
    package let rawValue: String

    /// Takes over the name that a client gave; `nil` if it is none.
    package init?(_ text: String) {
        guard Self.lengths.contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            return nil
        }
        rawValue = text
    }

    /// A name that no other request has: 128 random bits in hexadecimal.
    package static func random() -> RequestID {
        var generator = SystemRandomNumberGenerator()
        return RequestID(bits: generator.next(), generator.next())
    }

    private init(bits: UInt64...) {
        rawValue = bits.map { bits in
            let digits = String(bits, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

extension RequestID: CustomStringConvertible {
    package var description: String { rawValue }
}
