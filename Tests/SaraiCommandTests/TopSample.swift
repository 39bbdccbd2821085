import Foundation
import SaraiCore
import SaraiMemory

@testable import SaraiCommand
@testable import SaraiPool

/// A pool as `sarai top` sees it.
enum TopSample {
    private static let mib = 1 << 20

    /// A model with a server and a twin, one that is loading, one that is not there, and one with a name of wide characters.
    static func snapshot() throws -> PoolSnapshot {
        var solar = try model("solar", role: "expert", state: .ready, memory: 0)
        solar.target = "solar/ollama_http@10.0.0.7:11434"
        var server = target(solar.target, kind: "ollama_http", state: .ready)
        server.inFlight = 1
        server.capacity = 4
        solar.targets = [server, target("solar/gguf_native", kind: "gguf_native", state: .unloaded)]
        solar.inFlight = 1
        solar.queued = 2
        var lfm2 = try model("lfm2", role: "small", state: .ready, memory: 800)
        lfm2.pinned = true
        var omni = try model("omni", role: "omni", state: .loading, memory: 400)
        omni.targets[0].progress = 0.42
        omni.expiresIn = 280
        let wide = try model("日本語", role: "general", state: .failed, memory: 0)
        return PoolSnapshot(
            budgetBytes: 4096 * mib, reservedBytes: 2048 * mib, residentBytes: 1200 * mib, hardBytes: 300 * mib,
            machineBytes: 16384 * mib, daemonBytes: 48 * mib, pressure: .calm,
            cores: PoolSnapshot.Cores(usable: 2, active: 1, workers: []), models: [solar, lfm2, omni, wide])
    }

    /// A local model that takes so many MiB.
    private static func model(
        _ name: String, role: String, state: PoolSnapshot.State, memory: Int
    ) throws -> PoolSnapshot.Model {
        let id = "\(name)/gguf_native"
        let predicted = max(memory, 600)
        let footprint = Footprint(
            weightsMapped: .mebibytes(predicted / 2), kv: .mebibytes(predicted / 4), compute: .mebibytes(predicted / 8),
            overhead: .mebibytes(predicted / 8))
        return PoolSnapshot.Model(
            name: name, role: role, state: state, target: id, targets: [target(id, kind: "gguf_native", state: state)],
            pid: memory > 0 ? 7 : nil, predictedBytes: predicted * mib, measuredBytes: memory / 2 * mib,
            predictedKinds: PoolSnapshot.PredictedKinds(footprint), measuredKinds: nil, inFlight: 0, queued: 0,
            queue: [],
            resident: false, pinned: false, held: false, settings: "ctx 2048 × 1, kv f16, ub 512, mapped",
            expiresIn: nil)
    }

    private static func target(_ id: String, kind: String, state: PoolSnapshot.State) -> PoolSnapshot.Target {
        PoolSnapshot.Target(
            id: id, kind: kind, state: state, reason: state == .failed ? "no such file" : nil, progress: nil, pid: nil,
            inFlight: 0, capacity: 1, server: nil, probe: nil)
    }

    /// The state after two looks, a second apart, and two events.
    static func state() throws -> TopState {
        var state = TopState(address: "http://127.0.0.1:11435")
        let start = ContinuousClock.now
        var snapshot = try snapshot()
        state.saw(snapshot, at: start)
        snapshot.models[0].totals.generatedTokens = 48
        snapshot.models[0].totals.requests = 2
        snapshot.models[0].totals.requestSeconds = 3.5
        snapshot.models[0].totals.answersBegun = 2
        snapshot.models[0].totals.firstTokenSeconds = 0.5
        state.saw(snapshot, at: start + .seconds(2))
        let solar = try name("solar")
        let twin = TargetID(model: solar, kind: .gguf)
        let server = TargetID(model: solar, kind: .ollama, server: "10.0.0.7:11434")
        let time = Date(timeIntervalSince1970: 1_767_323_045)
        state.happened(PoolEvent(id: 1, time: time, body: .ready(twin, took: .milliseconds(1250))))
        state.happened(
            PoolEvent(id: 2, time: time + 1, body: .failingOver(from: server, to: twin, reason: "connection lost")))
        return state
    }

    private static func name(_ text: String) throws -> ModelName {
        guard let name = ModelName(text) else {
            throw PoolError(.invalidRequest, text)
        }
        return name
    }
}
