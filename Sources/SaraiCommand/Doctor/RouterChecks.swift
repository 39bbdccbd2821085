import Foundation
import SaraiConfiguration
import SaraiCore
import SaraiPipelines
import SaraiPool
import SaraiRouter

/// Whether the router's head was trained on the embedding model that it is to work on. With another one it never decides, and
/// nobody would notice: `router.fallback` answers everything.
enum RouterChecks {
    /// Looks at the configuration, and asks the daemon where that loads nothing.
    ///
    /// - Parameters:
    ///   - configuration: has the embedding model and the head.
    ///   - daemon: what a running daemon says; `nil` where there is none.
    ///   - address: the daemon's.
    /// - Returns: one check.
    static func check(_ configuration: Configuration, daemon: DaemonView?, at address: DaemonAddress) async -> Check {
        guard let model = configuration.routerEmbedding else {
            return .ok("router", "is off: no model has 'role: embedding', and router.fallback answers 'sarai:auto'")
        }
        let trained: TrainedEmbedding
        do throws(RouterFileError) {
            let router = configuration.router
            trained = try RouterHeads.shipped.head(trm: router.head == .trm, file: router.file).embedding
        } catch {
            return .warn("router", "cannot be asked: \(error.message)")
        }
        let isReady = daemon?.snapshot.models.contains { $0.name == model.name.rawValue && $0.state == .ready } == true
        if isReady,
            let answer = try? await DaemonClient.connect(to: address, { try await $0.route(trained.probe) })
        {
            return check(answer, model: model.name.rawValue, trainedOn: trained.name)
        }
        return check(model: model.name.rawValue, source: model.embeddingSource, trainedOn: trained.name)
    }

    /// What the daemon's answer means: it compares the model's vectors with those of the training.
    static func check(_ answer: RouteAnswer, model: String, trainedOn trained: String) -> Check {
        guard answer.hard == nil else {
            return .ok("router", "its head fits '\(model)': the daemon has compared them")
        }
        let isAnother = answer.reason.contains("trained on")
        return .warn("router", answer.reason, advice: isAnother ? advice(trained) : nil)
    }

    /// What names tell, where nobody can compare vectors.
    static func check(model: String, source: String, trainedOn trained: String) -> Check {
        guard plain(source).contains(plain(trained)) else {
            return .warn(
                "router",
                "its head was trained on '\(trained)', and by its name '\(source)' of '\(model)' is another model",
                advice: advice(trained))
        }
        return .ok("router", "its head was trained on '\(trained)', as '\(model)' is by its name")
    }

    private static func advice(_ trained: String) -> String {
        "'make train-router EMBEDDING=FILE.gguf', in Sarai's source, trains a head for it and prints the line for router.file; "
            + "or configure \(trained) with 'role: embedding' and name it in router.embedding."
    }

    /// A name without what files and servers write differently.
    private static func plain(_ name: String) -> String {
        name.lowercased().filter { $0.isLetter || $0.isNumber }
    }
}

extension ModelConfiguration {
    /// The file or the name on a server that its preferred target is.
    fileprivate var embeddingSource: String {
        switch targets.first {
        case .local(let target): target.files.first.map { URL(filePath: $0).lastPathComponent } ?? ""
        case .remote(let target): target.model
        case nil: ""
        }
    }
}
