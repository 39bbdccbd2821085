import Hummingbird
import NIOCore

/// What a handler knows of a request besides the request.
struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// The bytes of the address of this machine that the client connected to; `nil` of a unix socket.
    var localAddress: [UInt8]? { channel.localAddress?.ipBytes }

    /// Whether the client came through a unix socket, which has permissions and no name.
    var isUnixSocket: Bool {
        guard case .unixDomainSocket = channel.localAddress else {
            return false
        }
        return true
    }

    /// Whether the client is still there.
    func presence() async -> ClientPresence {
        let handler = try? await channel.pipeline.handler(type: ClientPresenceHandler.self).get()
        // Without a pipeline, as in a test, nobody ever leaves.
        return handler?.presence ?? ClientPresence()
    }
}
