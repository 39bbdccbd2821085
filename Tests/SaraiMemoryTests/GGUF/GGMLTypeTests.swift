import Testing

@testable import SaraiMemory

@Suite("Tensor types")
struct GGMLTypeTests {
    @Test("take the bytes that ggml gives them")
    func bytes() {
        // 4096 numbers. Source: gguf.GGML_QUANT_SIZES of the Python package gguf 0.19.0.
        let expected: [GGMLType: Int] = [
            .f32: 16_384, .f16: 8192, .bf16: 8192, .q4_0: 2304, .q4_1: 2560, .q5_0: 2816, .q5_1: 3072, .q8_0: 4352,
            .q8_1: 4608, .q2_K: 1344, .q3_K: 1760, .q4_K: 2304, .q5_K: 2816, .q6_K: 3360, .q8_K: 4672,
            .iq2_XXS: 1056, .iq2_XS: 1184, .iq3_XXS: 1568, .iq1_S: 800, .iq4_NL: 2304, .iq3_S: 1760, .iq2_S: 1312,
            .iq4_XS: 2176, .i8: 4096, .i16: 8192, .i32: 16_384, .i64: 32_768, .f64: 32_768, .iq1_M: 896, .tq1_0: 864,
            .tq2_0: 1056, .mxfp4: 2176, .nvfp4: 2304, .q1_0: 576, .q2_0: 1152,
        ]
        for type in GGMLType.allCases {
            #expect(type.bytes(ofElements: 4096) == expected[type], "\(type)")
        }
        #expect(GGMLType.q4_K.bytes(ofElements: 4095) == nil)
        #expect(GGMLType.f64.bytes(ofElements: .max) == nil)
        #expect(GGMLType.f32.bytes(ofElements: 0) == 0)
    }

    @Test("are written as people write them")
    func labels() {
        #expect(GGMLType.q4_K.label == "Q4_K" && GGMLType.iq4_NL.label == "IQ4_NL" && GGMLType.tq1_0.label == "TQ1_0")
        #expect(GGUFFileType.label(15) == "Q4_K_M")
        #expect(GGUFFileType.label(1024 + 7) == "Q8_0")
        #expect(GGUFFileType.label(999) == nil)
    }
}
