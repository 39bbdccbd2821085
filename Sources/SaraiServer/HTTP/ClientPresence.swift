import NIOCore
import NIOHTTPTypes
import Synchronization

/// Knows whether the client of a connection is still there, and tells whoever works for it when it leaves.
final class ClientPresence: Sendable {
    private enum State {
        case here(onLeave: (@Sendable () -> Void)?)
        case gone
    }

    private let state = Mutex(State.here(onLeave: nil))

    /// Has `action` called when the client leaves; at once if it is gone already. Replaces an earlier action.
    func onLeave(_ action: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            guard case .here = state else {
                return true
            }
            state = .here(onLeave: action)
            return false
        }
        if isGone {
            action()
        }
    }

    /// Nobody works for the client any more.
    func done() {
        state.withLock { state in
            if case .here = state {
                state = .here(onLeave: nil)
            }
        }
    }

    /// Runs `body`, cancelling it when the client leaves.
    func whileHere<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        // Awaited right below; a task of its own because a client's leaving is no task that could be cancelled.
        let task = Task { try await body() }
        onLeave { task.cancel() }
        defer { done() }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    fileprivate func leave() {
        let action = state.withLock { state in
            guard case .here(let action) = state else {
                return nil as (@Sendable () -> Void)?
            }
            state = .gone
            return action
        }
        action?()
    }
}

/// Sits in each connection's pipeline and watches for its end.
///
/// A client that closes its sending side has left: HTTP/1.1 clients that want an answer keep it open.
final class ClientPresenceHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPRequestPart

    let presence = ClientPresence()

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            presence.leave()
        }
        context.fireUserInboundEventTriggered(event)
    }
}
