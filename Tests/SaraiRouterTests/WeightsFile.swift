import Foundation

/// Writes safetensors files: right ones and, for the tests of faults, wrong ones.
struct WeightsFile {
    var metadata: [String: String]
    /// Name, shape and values, in the order of their data.
    var tensors: [(name: String, shape: [Int], values: [Float])]

    /// The metadata that every head has, and the vector of its probe.
    static func head(_ kind: String, inputs: Int, _ more: [String: String] = [:]) -> WeightsFile {
        let common = [
            "format": "sarai-router-1", "kind": kind, "embedding": "toy", "prefix": "query: ", "probe": "hello",
            "abstain": "0.1", "web_threshold": "0.5", "scale": "1,1,1", "bias": "0,0,0",
        ]
        let probe = [1] + [Float](repeating: 0, count: inputs - 1)
        return WeightsFile(metadata: common.merging(more) { $1 }, tensors: [("probe_vector", [inputs], probe)])
    }

    mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) {
        tensors.append((name, shape, values))
    }

    /// The file.
    func bytes() throws -> [UInt8] {
        var header: [String: Any] = ["__metadata__": metadata]
        var data: [UInt8] = []
        for (name, shape, values) in tensors {
            let start = data.count
            for value in values {
                data += Self.littleEndian(value.bitPattern)
            }
            header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [start, data.count]]
        }
        return Self.file(header: try JSONSerialization.data(withJSONObject: header), data: data)
    }

    /// A file of any header and any data.
    static func file(header: some Collection<UInt8>, data: [UInt8]) -> [UInt8] {
        littleEndian(UInt64(header.count)) + header + data
    }

    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
