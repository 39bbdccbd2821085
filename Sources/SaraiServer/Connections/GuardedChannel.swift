import HummingbirdCore
import Logging
import NIOCore
import NIOSSL

/// An HTTP/1.1 connection that is counted, timed and perhaps encrypted.
struct GuardedChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let register: ConnectionRegister
    let headerTimeout: Duration
    let bodyTimeout: Duration
    /// `nil` for plain HTTP.
    let certificate: ServerCertificate?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                ConnectionGateHandler(
                    register: register, headerTimeout: headerTimeout, bodyTimeout: bodyTimeout,
                    isPlain: certificate == nil))
            if let certificate {
                try pipeline.addHandler(NIOSSLServerHandler(context: certificate.current()))
            }
        }.flatMap { [base] in
            base.setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
