/// The order in which the requests of one queue are served: fair between clients, first come first served for each.
///
/// A request's rank is the number of its client's requests that run or wait before it; low ranks come first. Of equal ranks,
/// clients take turns: who was just served goes behind all who wait. Arrival alone would not do: whenever a flood's only
/// running request ended, its next would be older than anybody else's first.
///
/// So no client is overtaken more than once by any other while it has nothing running, and serving the first
/// request leaves the order of the others as it is.
struct FairOrder<Client: Hashable & Sendable>: Sendable {
    /// When each client that waits came or was last served, in steps of ``steps``.
    private var turns: [Client: Int] = [:]
    private var steps = 0

    /// The requests, those to be served first in front. Takes O(n log n).
    ///
    /// Clients are remembered while they wait: one that has no request here is forgotten.
    ///
    /// - Parameters:
    ///   - requests: all that wait in the queue, in any order.
    ///   - inFlight: how many requests of each client run; a client that is missing has none.
    ///   - id: a request's number, which grows in the order of arrival.
    ///   - client: whose request it is.
    /// - Returns: all of `requests`.
    mutating func sorted<Request>(
        _ requests: some Sequence<Request>, inFlight: [Client: Int], id: (Request) -> Int, client: (Request) -> Client
    ) -> [Request] {
        let arrivals = requests.map { (request: $0, id: id($0), client: client($0)) }.sorted { $0.id < $1.id }
        var places: [Client: Int] = [:]
        var ranked: [(request: Request, rank: Int, place: Int, turn: Int)] = []
        for (request, _, client) in arrivals {
            let place = places[client, default: 0]
            places[client] = place + 1
            let turn = turns[client] ?? takeTurn(client)
            ranked.append((request, inFlight[client, default: 0] + place, place, turn))
        }
        turns = turns.filter { places[$0.key] != nil }
        // Those of equal rank and higher place had their turn on the way there, in this same order.
        return ranked.sorted { ($0.rank, $0.place, $0.turn) < ($1.rank, $1.place, $1.turn) }.map(\.request)
    }

    /// A request of a client left the queue because it was served: it is the others' turn.
    mutating func served(_ client: Client) {
        takeTurn(client)
    }

    @discardableResult
    private mutating func takeTurn(_ client: Client) -> Int {
        steps += 1
        turns[client] = steps
        return steps
    }
}
