import NIOCore

/// What the proxy does with one client's connection: a value that is told what arrives and answers what to do.
struct ProxySession {
    /// What is to be done.
    enum Action: Hashable {
        /// Send to the upstream; connects to it first where that was not done yet.
        case sendUpstream(ByteBuffer)
        /// Put into the client's queue.
        case respond(ResponseElement)
    }

    /// What has been seen, to be added to the proxy's statistics.
    struct Counts: Hashable {
        /// Requests.
        var requests = 0
        /// Faults whose trigger was reached.
        var faults = 0
    }

    /// A request that is not answered completely yet.
    private struct Exchange {
        let isHead: Bool
        var stages: [FaultStage]
    }

    /// What becomes of the request that is being read.
    private enum Reading {
        case forward
        case drop
        case answer(CannedAnswer)
    }

    private var requests = HTTPFramer(.requests)
    private var responses = HTTPFramer(.responses)
    private var exchanges: CircularBuffer<Exchange> = []
    private var reading = Reading.forward
    /// Faults that every response of this connection meets.
    private let alterations: [Fault]
    private var cut: Cut?
    private var random: SplitMix64
    /// What has been seen.
    private(set) var counts = Counts()

    /// A connection that has just been accepted.
    ///
    /// - Parameters:
    ///   - faults: those that connections meet.
    ///   - seed: for what is random.
    init(meeting faults: [Fault], seed: UInt64) {
        random = SplitMix64(seed: seed)
        alterations = faults.filter { $0.effect.kind == .alteration }
        if let first = faults.lazy.compactMap(\.effect.cut).first {
            cut = first
            counts.faults += 1
        }
    }

    /// How the connection ends, or what it does not forward any more; known at once when that began at accept.
    var firstCut: Cut? {
        cut
    }

    /// Decides about bytes from the client.
    ///
    /// - Parameters:
    ///   - bytes: as they came.
    ///   - meet: gives the faults that a request meets, called once for each until the first cut.
    /// - Returns: what to do, in order.
    mutating func receive(fromClient bytes: ByteBuffer, meeting meet: (HTTPHead) -> [Fault]) -> [Action] {
        requests.append(bytes)
        var actions: [Action] = []
        while isHearing, let slice = requests.next() {
            if case .head(_, let head) = slice {
                begin(head, meeting: cut == nil ? meet(head) : [], &actions)
            }
            finish(slice, &actions)
        }
        return actions
    }

    /// Decides about bytes from the upstream.
    mutating func receive(fromUpstream bytes: ByteBuffer) -> [Action] {
        responses.append(bytes)
        var actions: [Action] = []
        while cut == nil, let slice = responses.next(answersHead: exchanges.first?.isHead ?? false) {
            respond(with: slice, &actions)
        }
        return actions
    }

    /// Decides what the client gets when the upstream's connection has ended.
    ///
    /// - Parameter cut: the same kind of end for the client.
    /// - Returns: what to do, in order.
    mutating func upstreamEnded(_ cut: Cut) -> [Action] {
        var actions: [Action] = []
        for slice in responses.finish() where self.cut == nil {
            respond(with: slice, &actions)
        }
        if self.cut == nil {
            self.cut = cut
            actions.append(.respond(.cut(cut)))
        }
        return actions
    }

    /// Whether what the client sends is still read.
    private var isHearing: Bool {
        cut == nil || cut == .stall || cut == .halfClose
    }

    private mutating func begin(_ head: HTTPHead, meeting faults: [Fault], _ actions: inout [Action]) {
        counts.requests += 1
        reading = .forward
        if let fault = faults.first(where: { $0.trigger == .request }) {
            counts.faults += 1
            reading = .drop
            if case .status(let answer) = fault.effect {
                reading = .answer(answer)
            } else if let cut = fault.effect.cut {
                // What is stalled before its request was forwarded has nothing more to forward.
                self.cut = cut == .stall ? .blackHole : cut
                actions.append(.respond(.cut(cut)))
            }
            return
        }
        exchanges.append(Exchange(isHead: head.method == "HEAD", stages: (alterations + faults).map(FaultStage.init)))
    }

    /// Does with a part of a request what was decided at its head.
    private mutating func finish(_ slice: HTTPSlice, _ actions: inout [Action]) {
        switch (reading, slice) {
        case (.forward, _):
            if let bytes = slice.bytes {
                actions.append(.sendUpstream(bytes))
            }
        case (.answer(let answer), .end):
            actions.append(.respond(.slice(.framing(ByteBuffer(string: answer.message)))))
        case (.answer, _), (.drop, _): break
        }
        if slice == .end {
            reading = .forward
        }
    }

    private mutating func respond(with slice: HTTPSlice, _ actions: inout [Action]) {
        var elements = [ResponseElement.slice(slice)]
        if var exchange = exchanges.first {
            for index in exchange.stages.indices {
                elements = elements.flatMap { exchange.stages[index].pass($0, random: &random) }
            }
            exchanges[exchanges.startIndex] = exchange
        }
        if slice == .end {
            _ = exchanges.popFirst()
        }
        for element in elements {
            switch element {
            case .fault: counts.faults += 1
            case .cut(let cut):
                self.cut = cut
                actions.append(.respond(element))
            case .slice, .pace: actions.append(.respond(element))
            }
        }
    }
}
