import HTTPTypes
import Hummingbird
import SaraiCore

/// The web page, and what Ollama's clients expect where it is.
struct WebRoutes: Sendable {
    /// Adds the routes.
    func add(to router: Router<ServerContext>) {
        router.get("/") { request, _ in
            guard let page = WebFile.all["index.html"], Self.wantsPage(request.headers) else {
                return Response(
                    status: .ok, headers: [.contentType: "text/plain; charset=utf-8", .vary: "Accept"],
                    body: .init(byteBuffer: .init(string: "Ollama is running")))
            }
            var response = page.response(to: request)
            response.headers[.vary] = "Accept"
            return response
        }
        // Clients look for a running server with either method.
        router.head("/") { _, _ in Response(status: .ok) }
        router.get("/ui/:file") { request, context in
            guard let file = WebFile.all[try context.parameters.require("file")] else {
                throw HTTPError(.notFound)
            }
            return file.response(to: request)
        }
    }

    /// Whether a client names HTML among what it accepts: browsers do, and programs do not.
    static func wantsPage(_ headers: HTTPFields) -> Bool {
        headers[values: .accept].flatMap { $0.split(separator: ",") }.contains { range in
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            return parts.first == "text/html" && !parts.dropFirst().contains { Double($0.dropFirst(2)) == 0 }
        }
    }
}
