/// A quantisation as the names of files tell it.
///
/// Names are habit, not a standard: `solar-10.7b-instruct-v1.0.Q4_K_M.gguf`, `mmproj-model-f16.gguf`,
/// `UD-Q4_K_XL/M-UD-Q4_K_XL-00001-of-00002.gguf`. The last part of a name that looks like a quantisation is it.
enum Quantization {
    /// The quantisation that a file's name tells, in capitals; `nil` if it tells none.
    static func name(of file: String) -> String? {
        let stem = file.split(separator: "/").last.map(String.init) ?? ""
        return stem.split { "-.".contains($0) }.map { $0.uppercased() }.last { part in
            part.wholeMatch(of: /I?Q[1-8](_[A-Z0-9]+)*|TQ[12]_0|B?F16|F32|FP16|FP32|MXFP4(_MOE)?|NVFP4/) != nil
        }
    }

    /// Those for text models that nobody asked about, best first. `Q4_K_M` keeps nearly all of a model's quality at a quarter
    /// of its size, and is what most repositories have; the next ones are close to it, then come the larger ones.
    static let preferred = [
        "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q4_0", "Q4_1", "MXFP4", "MXFP4_MOE", "Q5_K_M", "Q5_K_S", "Q6_K", "Q8_0", "F16",
        "FP16", "BF16",
    ]

    /// Those for multimodal projectors, best first: they are small, and what they lose everything after them lacks.
    static let preferredOfProjectors = ["Q8_0", "F16", "FP16", "BF16", "F32", "FP32"]

    /// The place of a quantisation in an order of preference; those that are not in it come last.
    static func rank(_ name: String?, in order: [String]) -> Int {
        name.flatMap { order.firstIndex(of: $0) } ?? order.count
    }
}
