#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#endif
import NIOCore

/// Ends a connection such that everything that was written before arrives.
///
/// A socket that is closed with a linger time of zero sends a RST, and forgets what it has not sent. So first all of
/// it must be acknowledged. That still does not mean that the peer's process has read it, and some programs drop what
/// they have not read when a RST comes; they get a little time.
enum ConnectionEnd {
    /// How a connection ends.
    enum Kind {
        case halfClose
        case close
        case reset
    }

    /// How often to look whether everything is acknowledged.
    private static let interval = TimeAmount.milliseconds(1)
    /// How long to wait for a peer that does not acknowledge.
    private static let patience = TimeAmount.seconds(1)
    /// How long a peer may read before a RST comes.
    private static let readingTime = TimeAmount.milliseconds(10)

    /// Ends the connection as soon as what was written is acknowledged. Call it on the channel's event loop.
    ///
    /// - Parameters:
    ///   - kind: how it ends.
    ///   - channel: the connection.
    ///   - written: succeeds when the last bytes are in the kernel.
    static func perform(_ kind: Kind, on channel: any Channel, after written: EventLoopFuture<Void>) {
        let deadline = NIODeadline.now() + patience
        // A peer that has stopped reading may keep bytes from ever reaching the kernel.
        let timeout = channel.eventLoop.scheduleTask(deadline: deadline) { end(kind, channel) }
        written.whenComplete { _ in
            guard channel.isActive, NIODeadline.now() < deadline else {
                return
            }
            timeout.cancel()
            endWhenAcknowledged(kind, channel, deadline: deadline)
        }
    }

    /// Resets the connection at once.
    static func reset(_ channel: any Channel) {
        let linger = linger(l_onoff: 1, l_linger: 0)
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.close(promise: nil)
        }
        // Where it cannot be set, the connection is gone already.
        provider.setSoLinger(linger).whenComplete { _ in channel.close(promise: nil) }
    }

    private static func endWhenAcknowledged(_ kind: Kind, _ channel: any Channel, deadline: NIODeadline) {
        if unacknowledgedBytes(channel) > 0, NIODeadline.now() < deadline {
            channel.eventLoop.scheduleTask(in: interval) {
                endWhenAcknowledged(kind, channel, deadline: deadline)
            }
        } else if kind == .reset {
            channel.eventLoop.scheduleTask(in: readingTime) { end(kind, channel) }
        } else {
            end(kind, channel)
        }
    }

    private static func end(_ kind: Kind, _ channel: any Channel) {
        switch kind {
        case .halfClose: channel.close(mode: .output, promise: nil)
        case .close: channel.close(promise: nil)
        case .reset: reset(channel)
        }
    }

    /// Bytes that were sent, or are still to be sent, and that the peer has not acknowledged.
    private static func unacknowledgedBytes(_ channel: any Channel) -> CInt {
        var count: CInt = 0
        _ = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
            #if canImport(Darwin)
                var length = socklen_t(MemoryLayout<CInt>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &count, &length)
            #else
                // SIOCOUTQ, which for sockets is the same number as TIOCOUTQ. Source: tcp(7).
                ioctl(descriptor, UInt(TIOCOUTQ), &count)
            #endif
        }
        return count
    }
}
