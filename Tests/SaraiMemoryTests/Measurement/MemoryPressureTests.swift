import Testing

@testable import SaraiMemory

@Suite("Memory pressure")
struct MemoryPressureTests {
    private let quiet = """
        some avg10=0.00 avg60=0.00 avg300=0.00 total=836235
        full avg10=0.00 avg60=0.00 avg300=0.00 total=707436

        """
    private let heavy = """
        some avg10=31.50 avg60=4.10 avg300=0.90 total=9000000
        full avg10=12.25 avg60=2.00 avg300=0.40 total=8000000

        """

    @Test("is read of the machine and of all groups above this process")
    func reading() throws {
        try withTemporaryFolder { root in
            #expect(!MemoryPressure.read(root: root).isKnown)
            try write(quiet.utf8, to: "\(root)/proc/pressure/memory")
            try write("0::/sarai.service/daemon\n".utf8, to: "\(root)/proc/self/cgroup")
            try write(heavy.utf8, to: "\(root)/sys/fs/cgroup/sarai.service/memory.pressure")
            try write("damaged".utf8, to: "\(root)/sys/fs/cgroup/sarai.service/daemon/memory.pressure")
            let pressure = MemoryPressure.read(root: root)
            #expect(
                pressure.sources == [
                    "\(root)/proc/pressure/memory": .init(some: 0, full: 0, fullTotal: 707_436),
                    "\(root)/sys/fs/cgroup/sarai.service/memory.pressure": .init(
                        some: 31.5, full: 12.25, fullTotal: 8_000_000),
                ])
            #expect(pressure.worst?.full == 12.25)
        }
    }

    @Test(
        "that is not in the documented form is not taken for calm",
        arguments: [
            "", "some avg10=0.00 total=1", "full avg10=1.0 total=2", "some avg10=x total=1\nfull avg10=1 total=1",
            "some avg10=1 total=1\nfull avg10=1 total=many",
        ])
    func damaged(text: String) {
        #expect(MemoryPressure.Stall(text) == nil)
    }
}

@Suite("Pressure gauge")
struct PressureGaugeTests {
    /// A gauge, a clock that is moved by hand, and the wait that the kernel has counted.
    private struct Bench {
        var gauge = PressureGauge()
        var now = ContinuousClock.now
        var total = 1_000_000

        /// Lets a second pass and takes a reading.
        mutating func second(some: Double = 0, full: Double = 0, waitedMicroseconds: Int = 0) -> PressureLevel {
            now += .seconds(1)
            total += waitedMicroseconds
            return gauge.update(
                MemoryPressure(sources: ["machine": .init(some: some, full: full, fullTotal: total)]), now: now)
        }
    }

    @Test("is always calm where the kernel tells nothing")
    func unknown() {
        var gauge = PressureGauge()
        for second in 0..<20 {
            #expect(gauge.update(MemoryPressure(sources: [:]), now: .now + .seconds(second)) == .calm)
        }
    }

    @Test("rises at once, and at the threshold")
    func rising() {
        var bench = Bench()
        #expect(bench.second(some: 9.9) == .calm)
        #expect(bench.second(some: 10) == .stopAdmitting)
        #expect(bench.second(some: 10, full: 5) == .evict)
    }

    @Test("sees waits before the kernel's average shows them, but not those of before its first reading")
    func recent() {
        var bench = Bench()
        #expect(bench.second() == .calm)
        #expect(bench.second(waitedMicroseconds: 60_000) == .calm, "one second is not enough to judge")
        #expect(bench.second(waitedMicroseconds: 39_000) == .calm, "99 ms in 2 s are below 5 %")
        #expect(bench.second(waitedMicroseconds: 61_000) == .stopAdmitting, "100 ms in 2 s are 5 %")
    }

    @Test("calms down only after five seconds below half")
    func falling() {
        var bench = Bench()
        #expect(bench.second(some: 20, full: 6) == .evict)
        for _ in 0..<20 {
            #expect(bench.second(some: 20, full: 2.5) == .evict, "half is not below half")
        }
        for _ in 0..<5 {
            #expect(bench.second(some: 5, full: 1) == .evict)
        }
        #expect(bench.second(some: 5, full: 1) == .stopAdmitting, "one level at a time, as the waits allow")
        for _ in 0..<4 {
            #expect(bench.second(some: 4) == .stopAdmitting)
        }
        #expect(bench.second(some: 5) == .stopAdmitting, "a relapse starts the five seconds anew")
        for _ in 0..<5 {
            #expect(bench.second() == .stopAdmitting)
        }
        #expect(bench.second() == .calm)
    }

    @Test("minds the worst source, and a source that comes later")
    func sources() {
        var gauge = PressureGauge()
        let start = ContinuousClock.now
        let calm = MemoryPressure.Stall(some: 0, full: 0, fullTotal: 0)
        gauge.update(MemoryPressure(sources: ["machine": calm]), now: start)
        let late = MemoryPressure(sources: ["machine": calm, "group": .init(some: 0, full: 0, fullTotal: 9_000_000)])
        #expect(gauge.update(late, now: start + .seconds(3)) == .calm)
        let busy = MemoryPressure(sources: ["machine": calm, "group": .init(some: 0, full: 7, fullTotal: 9_000_000)])
        #expect(gauge.update(busy, now: start + .seconds(4)) == .evict)
    }
}
