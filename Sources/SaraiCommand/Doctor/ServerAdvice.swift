import Foundation
import SaraiBackends
import SaraiConfiguration
import SaraiCore

/// What to do about a server that does not serve.
struct ServerAdvice {
    /// The target on that server.
    let target: RemoteTargetConfiguration

    private var isOllama: Bool { target.id.kind == .ollama }
    private var host: String? { URLComponents(string: target.url)?.host }
    private var isThisMachine: Bool {
        ["localhost", "[::1]"].contains(host) || host?.hasPrefix("127.") == true
    }

    /// What to do about an error of the server's.
    func text(for error: BackendError) -> String {
        switch error.code {
        case .unreachable: unreachable(error.message)
        case .serverError(401), .serverError(403), .serverError(407):
            target.apiKey == nil
                ? "The server wants a key: put it in .env as NAME=…, and write api_key: ${NAME}."
                : "The server does not accept the key: correct the one that api_key names."
        case .serverError: "The fault is there: look at the server's own log."
        case .overloaded: "It has too much to do. If that does not pass, lower 'capacity' or add a server."
        case .firstTokenTimeout, .stalled: "Something listens there but does not answer: restart the server."
        case .modelMissing, .malformedAnswer, .rejected, .unsupported:
            "What answers there does not speak the API of \(target.id.kind.rawValue): correct 'backend', or the port in "
                + "'servers'."
        case .brokenOff, .outOfMemory:
            "Look at the server's own log; if it wants TLS, write https:// in 'servers'."
        }
    }

    /// What to do when the server has other models, but not this one.
    func missingModel(among models: Set<String>) -> String {
        let shown = models.sorted().prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        let more = models.count > 5 ? " and \(models.count - 5) more" : ""
        let has = models.isEmpty ? "It has none yet." : "It has \(shown)\(more)."
        let suggestion = Suggestion.sentence(for: target.model, among: models)
        return isOllama
            ? "Run 'ollama pull \(target.model)' there, or correct 'model'. \(has)\(suggestion)"
            : "Start the server with that model, or correct 'model'. \(has)\(suggestion)"
    }

    /// ``BackendError`` has one code for all of these, but what to do differs.
    private func unreachable(_ message: String) -> String {
        if message.contains("refused") {
            let start = isOllama ? "Start it with 'ollama serve'" : "Start the server"
            guard !isThisMachine else {
                return "\(start), or correct the port in 'servers'."
            }
            let listen =
                isOllama ? "Ollama needs OLLAMA_HOST=0.0.0.0 there" : "vLLM and llama-server need --host 0.0.0.0"
            return "\(start) there. If it runs, it listens to its own machine only: \(listen)."
        }
        if message.contains("no address") {
            return
                "This machine does not know the name '\(host ?? target.url)': correct it in 'servers', or write the address."
        }
        return
            "Check that the machine is on and the address in 'servers' right; a firewall that drops connections looks "
            + "the same."
    }
}
