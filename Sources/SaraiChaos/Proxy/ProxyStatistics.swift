/// What a proxy has seen since it started.
package struct ProxyStatistics: Hashable, Sendable, Codable {
    /// Connections that were accepted.
    package var connections = 0
    /// Those of them that are open now.
    package var open = 0
    /// Requests, whether they were forwarded or not.
    package var requests = 0
    /// Faults whose trigger was reached.
    package var faultsApplied = 0
    /// Bytes sent to the upstream.
    package var bytesUp = 0
    /// Bytes sent to clients.
    package var bytesDown = 0

    private enum CodingKeys: String, CodingKey {
        case connections, open, requests
        case faultsApplied = "faults_applied"
        case bytesUp = "bytes_up"
        case bytesDown = "bytes_down"
    }
}
