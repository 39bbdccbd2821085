/// The members of a JSON object, in the order in which they were written.
///
/// Two objects with the same members are equal, whatever the order: it matters to those who read, not to what is said.
public struct JSONObject: Sendable {
    private var members: [(key: String, value: JSONValue)] = []
    /// Where each member stands, once there are too many to look through.
    private var positions: [String: Int] = [:]

    /// Up to here, looking through the names is faster than any table.
    private static let maximumUnindexed = 16

    /// An object without members.
    public init() {}

    /// The members of a dictionary, by name.
    public init(_ dictionary: [String: JSONValue]) {
        for (key, value) in dictionary.sorted(by: { $0.key < $1.key }) {
            self[key] = value
        }
    }

    /// A member's value. A new member goes to the end; a member that is set again keeps its place.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): append(key, value)
            case (let position?, nil):
                members.remove(at: position)
                index()
            case (nil, nil): break
            }
        }
    }

    /// The members without their order.
    var dictionary: [String: JSONValue] {
        Dictionary(members.map { ($0.key, $0.value) }) { $1 }
    }

    private func position(of key: String) -> Int? {
        // By index: an element that is handed out is a copy, of its value too.
        positions.isEmpty ? members.indices.first { members[$0].key == key } : positions[key]
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if positions.isEmpty {
            index()
        } else {
            positions[key] = members.count - 1
        }
    }

    private mutating func index() {
        positions = [:]
        guard members.count > Self.maximumUnindexed else {
            return
        }
        for (position, member) in members.enumerated() {
            positions[member.key] = position
        }
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { members.startIndex }
    public var endIndex: Int { members.endIndex }

    public subscript(position: Int) -> (key: String, value: JSONValue) {
        members[position]
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        let sum = members.reduce(0) { sum, member in
            var hasher = Hasher()
            hasher.combine(member.key)
            hasher.combine(member.value)
            return sum ^ hasher.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        for (key, value) in members {
            self[key] = value
        }
    }
}
