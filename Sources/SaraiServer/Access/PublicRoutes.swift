import HTTPTypes
import Hummingbird

/// What anybody may ask without a key: the one list of exceptions.
///
/// A path stands here exactly as a request writes it, so nothing that the router might read in another way gets past.
enum PublicRoutes {
    /// Asked for with GET or HEAD: whether the daemon is there, and its web page, which asks for a key itself. They tell
    /// nothing about models, requests or this machine.
    static let paths: Set<String> = ["/", "/health"]
    /// What begins like this and ends with a plain file name: the web page's files, which are part of the program.
    static let files = "/ui/"

    /// Whether a request needs no key.
    static func contain(_ request: Request) -> Bool {
        contain(request.method, path: request.uri.path)
    }

    /// Whether a method on a path needs no key.
    static func contain(_ method: HTTPRequest.Method, path: String) -> Bool {
        (method == .get || method == .head) && (paths.contains(path) || isFile(path))
    }

    private static func isFile(_ path: String) -> Bool {
        let name = path.dropFirst(files.count)
        return path.hasPrefix(files) && name.contains { $0 != "." }
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }
}
