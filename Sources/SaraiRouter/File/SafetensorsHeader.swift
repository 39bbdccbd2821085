/// The JSON at the start of a safetensors file.
struct SafetensorsHeader: Decodable {
    /// What the writer says about the file.
    private(set) var metadata: [String: String] = [:]
    /// The tensors, by name.
    private(set) var tensors: [String: Tensor] = [:]

    /// Where a tensor lies and what it is.
    struct Tensor: Decodable {
        let dtype: String
        let shape: [Int]
        /// Where its data begin and end, counted from the end of the header.
        let offsets: [Int]

        private enum CodingKeys: String, CodingKey {
            case dtype, shape
            case offsets = "data_offsets"
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            return nil
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        for name in container.allKeys {
            if name.stringValue == "__metadata__" {
                metadata = try container.decode([String: String].self, forKey: name)
            } else {
                tensors[name.stringValue] = try container.decode(Tensor.self, forKey: name)
            }
        }
    }
}
