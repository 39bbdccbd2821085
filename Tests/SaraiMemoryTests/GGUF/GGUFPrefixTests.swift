import Testing

@testable import SaraiMemory

@Suite("GGUF prefixes")
struct GGUFPrefixTests {
    @Test("ask for more until the header is whole", arguments: [true, false])
    func grows(knowsSize: Bool) throws {
        let file = GGUFBuilder.small().file()
        let size = knowsSize ? file.count : nil
        var count = 0
        var attempts = 0
        while true {
            do throws(GGUFError) {
                let header = try GGUFHeader(parsing: Array(file[..<count]), source: "u", fileSize: size)
                #expect(header.tensors.count == 3)
                #expect(count >= header.headerBytes)
                break
            } catch {
                #expect(error.code == .incomplete)
                let needed = try #require(error.neededBytes)
                #expect(needed > count)
                count = needed
            }
            attempts += 1
        }
        #expect(attempts < file.count)
    }

    @Test("that are cut anywhere are never taken for whole")
    func everyLength() throws {
        let header = GGUFBuilder.small().header()
        for count in header.indices {
            let short = Array(header[..<count])
            let incomplete = #expect(throws: GGUFError.self) {
                try GGUFHeader(parsing: short, source: "u", fileSize: header.count)
            }
            #expect(incomplete?.code == .incomplete)
            let truncated = #expect(throws: GGUFError.self) {
                try GGUFHeader(parsing: short, source: "u", fileSize: count)
            }
            #expect(truncated?.code == .truncated)
        }
    }

    @Test("of a header without end are given up")
    func headerLimit() throws {
        var builder = GGUFBuilder()
        builder.addKey("text", type: 8, value: (5000 as UInt64).littleEndianBytes)
        var limits = GGUFLimits()
        limits.headerBytes = 4096
        let error = try #require(throws: GGUFError.self) {
            try GGUFHeader(parsing: builder.file(), source: "u", fileSize: nil, limits: limits)
        }
        #expect(error.code == .limitExceeded)
    }
}
