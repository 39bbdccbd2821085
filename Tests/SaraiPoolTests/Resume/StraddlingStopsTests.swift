import Foundation
import Testing

@testable import SaraiPool

@Suite("Stop texts across a cut")
struct StraddlingStopsTests {
    /// Cut anywhere and sent in any pieces, a text ends where it would have ended without a cut; only the part of the stop
    /// text that was sent before the cut remains.
    @Test("are found wherever the cut is", arguments: [["END"], ["aab", "END"], ["ñandú"], ["👍🏽!"], ["aaab"]])
    func anywhere(stops: [String]) throws {
        for text in ["one END two", "xaaab y", "el ñandú corre", "bien 👍🏽! ya", "aaaab"] {
            let characters = Array(text.unicodeScalars)
            guard let range = stops.compactMap({ text.range(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }) else {
                continue
            }
            let begin = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
            let end = text.unicodeScalars.distance(from: text.startIndex, to: range.upperBound)
            for cut in begin + 1..<end {
                for step in 1...3 {
                    var matcher = StraddlingStops(after: string(characters[..<cut]), stops: stops)
                    #expect(matcher.isOpen)
                    var stop: String?, given = ""
                    for start in stride(from: cut, to: characters.count, by: step) where stop == nil {
                        let result = matcher.take(string(characters[start..<min(start + step, characters.count)]))
                        given += result.text
                        stop = result.stop
                        if !matcher.isOpen {
                            break
                        }
                    }
                    #expect(stop == String(text[range]) && given.isEmpty, "\(text) cut at \(cut) in steps of \(step)")
                }
            }
        }
    }

    @Test("are not looked for where none can have begun")
    func closed() {
        #expect(!StraddlingStops(after: "the end", stops: ["END"]).isOpen)
        #expect(!StraddlingStops(after: "", stops: ["END"]).isOpen)
        #expect(!StraddlingStops(after: "E", stops: []).isOpen)
        // It would have ended the answer, so it did not count as one.
        #expect(!StraddlingStops(after: "E", stops: ["E"]).isOpen)
    }

    @Test("lose nothing when there is none")
    func nothingLost() {
        var matcher = StraddlingStops(after: "aa", stops: ["aaab"])
        var given = ""
        for piece in ["a", "a", "c", "d"] {
            given += matcher.isOpen ? matcher.take(piece).text : piece
        }
        #expect(given + matcher.rest() == "aacd")
    }

    private func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
