import Foundation
import SaraiCore
import SaraiMemory

/// A line that llama-server writes with `--log-jsonl`, as far as a dry run reads it.
///
/// Source: `common_memory_breakdown_print` in common/fit.cpp and common/log.cpp of llama.cpp b11434.
enum EngineDryRunRecord: Equatable {
    /// The sizes of all buffers.
    case buffers(EngineBuffers)
    /// An error, in the engine's words.
    case error(String)

    /// Reads a line; `nil` if it is any other.
    ///
    /// - Parameters:
    ///   - line: one line of standard output or standard error.
    ///   - process: the private memory of the engine's process at this moment.
    init?(line: some StringProtocol, process: @autoclosure () -> MemorySize) {
        guard line.hasPrefix("{") else {
            guard line.hasPrefix("error: ") else {
                return nil
            }
            self = .error(String(line.dropFirst("error: ".count)))
            return
        }
        // Most lines are neither; decoding them all would cost more than the engine takes to write them.
        guard line.contains("fit_memory_breakdown") || line.contains(#""level":"error""#),
            let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8))
        else {
            return nil
        }
        if entry.level == "error", let message = entry.msg {
            self = .error(message.trimmingCharacters(in: .whitespacesAndNewlines))
        } else if entry.type == "fit_memory_breakdown", let data = entry.data, data.unit == "MiB" {
            self = .buffers(data.buffers(process: process()))
        } else {
            return nil
        }
    }

    private struct Entry: Decodable {
        let type: String
        let level: String?
        let msg: String?
        let data: Breakdown?
    }

    private struct Breakdown: Decodable {
        let unit: String
        let rows: [Row]

        struct Row: Decodable {
            let kind: String
            let name: String?
            let model: Int
            let context: Int
            let compute: Int
        }

        /// What is on this machine: devices that are servers of llama.cpp have their own memory.
        private var local: [Row] {
            rows.filter { !($0.kind == "device" && $0.name?.hasPrefix("RPC") == true) }
        }

        /// The sums by kind. Weights in a buffer of a type of its own, such as `CPU_REPACK` or `AMX`, are the repacked ones.
        func buffers(process: MemorySize) -> EngineBuffers {
            let others = local.filter { $0.kind != "host" }
            return EngineBuffers(
                weights: Self.sum(local.filter { $0.kind == "host" }, \.model), repacked: Self.sum(others, \.model),
                context: Self.sum(local, \.context), compute: Self.sum(local, \.compute), process: process)
        }

        /// The engine writes whole MiB, rounded down: one more for each figure that is not 0 makes it never too little.
        private static func sum(_ rows: [Row], _ size: (Row) -> Int) -> MemorySize {
            rows.map(size).reduce(.zero) { sum, mebibytes in
                let isSane = (1..<1 << 30).contains(mebibytes)
                return sum + (isSane ? .mebibytes(mebibytes + 1) : .zero)
            }
        }
    }
}
