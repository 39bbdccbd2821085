import HTTPTypes
import Hummingbird

/// What anybody may ask without a key: the one list of exceptions.
///
/// A path stands here exactly as a request writes it, so nothing that the router might read in another way gets past.
enum PublicRoutes {
    /// Asked for with GET or HEAD. They tell nothing about models, requests or this machine.
    static let paths: Set<String> = ["/health"]

    /// Whether a request needs no key.
    static func contain(_ request: Request) -> Bool {
        contain(request.method, path: request.uri.path)
    }

    /// Whether a method on a path needs no key.
    static func contain(_ method: HTTPRequest.Method, path: String) -> Bool {
        (method == .get || method == .head) && paths.contains(path)
    }
}
