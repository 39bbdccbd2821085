import Foundation
import SaraiBackends
import SaraiCore
import Testing

@testable import SaraiHub

@Suite("The small decisions of a download")
struct TransferPartsTests {
    private let broken = BackendError(.brokenOff, "the connection was lost")

    @Test func aServerThatBreaksOffIsTriedAgainAndNotForEver() throws {
        var schedule = RetrySchedule()
        var waits: [Duration] = []
        while let wait = schedule.delay(after: broken, received: 1000, random: 1) {
            waits.append(wait)
        }
        #expect(waits == [250, 500, 1000, 2000, 4000, 8000, 16000].map { .milliseconds($0) })
    }

    @Test func progressMakesAFailureTheFirstAgain() {
        var schedule = RetrySchedule()
        for _ in 0..<100 {
            #expect(schedule.delay(after: broken, received: 1 << 20, random: 1) == .milliseconds(250))
        }
        #expect(schedule.delay(after: broken, received: 0, random: 0.5) == .milliseconds(250))
    }

    @Test func whatTheServerAsksForIsWaited() {
        var schedule = RetrySchedule()
        let busy = BackendError(.overloaded, "too much to do", retryAfter: .seconds(7))
        #expect(schedule.delay(after: busy, received: 0, random: 0.1) == .seconds(7))
    }

    @Test(arguments: [
        BackendError(.modelMissing, ""), BackendError(.rejected(403), ""), BackendError(.malformedAnswer, ""),
        BackendError(.unsupported, ""),
    ])
    func whatWillNotChangeIsNotTriedAgain(error: BackendError) {
        var schedule = RetrySchedule()
        #expect(schedule.delay(after: error, received: 1 << 30, random: 1) == nil)
    }

    @Test func whatDoesNotFitIsRefusedBeforeAByte() throws {
        let gibibyte = 1 << 30, reserve = DiskSpace.reserve.bytes
        try DiskSpace.check(gibibyte, free: gibibyte + reserve, in: "/data")
        try DiskSpace.check(gibibyte, free: nil, in: "/data")
        try DiskSpace.check(0, free: 0, in: "/data")
        do throws(HubError) {
            try DiskSpace.check(gibibyte, free: 512 << 20, in: "/data")
            Issue.record("it does not fit")
        } catch {
            #expect(error.code == .disk)
            #expect(error.description.hasPrefix("/data: 1.00 GiB are to be fetched, 512 MiB are free"))
            #expect(error.description.contains("make room for 576 MiB"))
        }
    }

    @Test func aDigestIsThatOfAllBytes() async throws {
        let bytes = Array("abc".utf8)
        var reports: [Int] = []
        let digest = try await FileHash.digest(size: 3) { count, offset in
            Array(bytes[offset..<min(offset + min(count, 2), bytes.count)])
        } report: {
            reports.append($0)
        }
        // FIPS 180-4's example.
        #expect(digest?.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(reports == [2, 3])
        let short = try await FileHash.digest(size: 4) { _, offset in
            offset == 0 ? bytes : []
        } report: { _ in
        }
        #expect(short == nil, "the file ends before")
    }

    @Test func speedIsThatOfTheLastSeconds() {
        var meter = SpeedMeter()
        #expect(meter.bytesPerSecond == nil && meter.timeLeft(of: 1000) == nil)
        meter.note(1000, at: .zero)
        #expect(meter.bytesPerSecond == nil)
        meter.note(1200, at: .seconds(2))
        #expect(meter.bytesPerSecond == 100)
        #expect(meter.timeLeft(of: 1700) == .seconds(5))
        meter.note(1200, at: .seconds(20))
        meter.note(6200, at: .seconds(25))
        #expect(meter.bytesPerSecond == 1000, "what is long ago says nothing")
        meter.note(10, at: .seconds(26))
        #expect(meter.bytesPerSecond == nil, "it begins anew")
    }

    @Test(
        "a file is compared by parts from its first byte to its last",
        arguments: [1, 65_536, 524_288, 524_289, 20 << 20])
    func samples(size: Int) {
        let parts = FileSample.parts(of: size)
        #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == size)
        for (part, next) in zip(parts, parts.dropFirst()) {
            #expect(part.upperBound <= next.lowerBound)
        }
        #expect(parts.reduce(0) { $0 + $1.count } == min(size, 8 * FileSample.partSize))
    }
}
