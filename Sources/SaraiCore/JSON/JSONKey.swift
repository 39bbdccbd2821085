/// A place in a document: a member's name, or an item's number.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    /// An item of a list.
    init(index: Int) {
        stringValue = "\(index)"
        intValue = index
    }

    init(stringValue: String) {
        self.stringValue = stringValue
        intValue = nil
    }

    init?(intValue: Int) {
        self.init(index: intValue)
    }
}
