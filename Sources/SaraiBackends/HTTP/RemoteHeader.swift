package import SaraiMemory

/// The header of a GGUF file that lies on a server, and what it took to read it.
package struct RemoteHeader: Sendable {
    /// What was asked and sent to read headers.
    package struct Traffic: Hashable, Sendable {
        /// HTTP requests, redirects among them.
        package var requests = 0
        /// Bytes of bodies that arrived.
        package var bytes = 0

        static func += (sum: inout Traffic, other: Traffic) {
            sum.requests += other.requests
            sum.bytes += other.bytes
        }
    }

    /// The header; of a model that is split into several files, with the tensors of all.
    package let header: GGUFHeader
    /// Bytes of the whole file, or of all of them: what the server says or, where it does not, what the header needs.
    package let fileSize: Int
    /// What it took.
    package let traffic: Traffic
}
