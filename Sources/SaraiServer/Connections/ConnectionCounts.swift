/// Who has how many connections, and whether one more may come.
struct ConnectionCounts {
    /// Why no further connection is taken.
    enum Refusal: Hashable {
        /// There are as many as may be.
        case total(limit: Int)
        /// This client has as many as it may have.
        case client(limit: Int)

        /// For the client, and what whoever runs the daemon can do.
        var message: String {
            switch self {
            case .total(let limit):
                "this Sarai has \(limit) connections, as many as it takes (server.max_connections); try again later"
            case .client(let limit):
                "\(limit) connections from one machine are as many as this Sarai takes (server.max_client_connections)"
            }
        }
    }

    private let limit: Int
    private let clientLimit: Int
    /// All connections.
    private(set) var total = 0
    private var clients: [String: Int] = [:]

    /// No connections yet.
    ///
    /// - Parameters:
    ///   - limit: connections at the same time, at most.
    ///   - clientLimit: of these from one other machine, at most.
    init(limit: Int, clientLimit: Int) {
        self.limit = limit
        self.clientLimit = clientLimit
    }

    /// A connection wants to come.
    ///
    /// - Parameter client: the other machine; `nil` for this one, whose programs all have the same address.
    /// - Returns: why not; `nil` if it may.
    mutating func enter(_ client: String?) -> Refusal? {
        guard total < limit else {
            return .total(limit: limit)
        }
        if let client {
            guard clients[client, default: 0] < clientLimit else {
                return .client(limit: clientLimit)
            }
            clients[client, default: 0] += 1
        }
        total += 1
        return nil
    }

    /// A connection that came has ended.
    mutating func leave(_ client: String?) {
        total -= 1
        guard let client, let count = clients[client] else {
            return
        }
        clients[client] = count > 1 ? count - 1 : nil
    }

    /// Machines that have connections; for tests.
    var clientCount: Int { clients.count }
}
