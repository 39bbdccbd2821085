extension GGUFParser {
    /// Reads what the header says about each tensor.
    mutating func parseTensors(count: Int, alignment: Int) throws(GGUFError) -> [GGUFTensor] {
        var tensors: [GGUFTensor] = []
        var names: Set<String> = []
        for index in 0..<count {
            let start = cursor.offset
            let tensor = try parseTensor(index: index, alignment: alignment)
            guard names.insert(tensor.name).inserted else {
                throw cursor.fault(.malformed, "tensor '\(tensor.name)' is there twice", at: start)
            }
            tensors.append(tensor)
        }
        return tensors
    }

    private mutating func parseTensor(index: Int, alignment: Int) throws(GGUFError) -> GGUFTensor {
        let start = cursor.offset
        let range = try cursor.stringRange(limit: limits.tensorNameBytes, "the name of tensor \(index)")
        guard !range.isEmpty else {
            throw cursor.fault(.malformed, "tensor \(index) has no name", at: start)
        }
        let name = String(decoding: cursor.bytes[range], as: UTF8.self)
        let dimensions = try parseDimensions(tensor: name)
        let type = try parseType(tensor: name)
        guard let row = dimensions.first, row.isMultiple(of: type.block.elements) else {
            throw cursor.fault(
                .malformed,
                "tensor '\(name)': rows of \(dimensions.first ?? 0) do not divide into \(type.label)'s blocks of \(type.block.elements)",
                at: start)
        }
        guard let byteCount = Self.product(dimensions).flatMap(type.bytes(ofElements:)) else {
            throw cursor.fault(.malformed, "tensor '\(name)': the product of its sizes overflows", at: start)
        }
        let offsetStart = cursor.offset
        let offset: UInt64 = try cursor.integer("the offset of tensor '\(name)'")
        guard offset.isMultiple(of: UInt64(alignment)) else {
            throw cursor.fault(
                .malformed, "tensor '\(name)': its offset \(offset) is not a multiple of \(alignment)", at: offsetStart)
        }
        // Half of the range is left for the header before the data, so that no later sum can overflow.
        guard offset <= UInt64(Int.max / 4), byteCount <= Int.max / 4 else {
            throw cursor.fault(.malformed, "tensor '\(name)': its data would end beyond any file", at: offsetStart)
        }
        return GGUFTensor(
            name: name, dimensions: dimensions, type: type, offset: Int(offset), byteCount: byteCount)
    }

    private mutating func parseDimensions(tensor: String) throws(GGUFError) -> [Int] {
        let start = cursor.offset
        let count: UInt32 = try cursor.integer("the number of sizes of tensor '\(tensor)'")
        guard 1...4 ~= count else {
            throw cursor.fault(.malformed, "tensor '\(tensor)' has \(count) sizes, but 1 to 4 are possible", at: start)
        }
        var dimensions: [Int] = []
        for _ in 0..<count {
            dimensions.append(try cursor.count(limit: .max, "a size of tensor '\(tensor)'"))
        }
        return dimensions
    }

    private mutating func parseType(tensor: String) throws(GGUFError) -> GGMLType {
        let start = cursor.offset
        let tag: UInt32 = try cursor.integer("the type of tensor '\(tensor)'")
        guard let type = GGMLType(rawValue: tag) else {
            throw cursor.fault(
                .unsupported,
                "tensor '\(tensor)' is of type \(tag), which is removed or newer than this version of Sarai", at: start)
        }
        return type
    }

    /// The product, or `nil` if it overflows before a size of zero can save it.
    private static func product(_ dimensions: [Int]) -> Int? {
        var product = 1
        for dimension in dimensions {
            let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
            guard !overflow else {
                return nil
            }
            product = next
        }
        return product
    }
}
