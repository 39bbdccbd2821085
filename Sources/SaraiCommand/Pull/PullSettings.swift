import SaraiConfiguration
import SaraiCore
import SaraiHub

/// What commands that fetch or remove models know of the configuration; they work without one, too.
struct PullSettings {
    /// The hub.
    let hub: HubConfiguration
    /// The configured models; none without a configuration.
    let models: [ModelConfiguration]
    /// The data folder, in which relative paths of the configuration end up.
    let data: String
    /// The folder of models.
    let folder: ModelStore

    /// Reads the configuration, if there is one.
    ///
    /// - Throws: what is wrong with it; that there is none is all right unless one was named.
    init(_ options: ConfigurationOptions) throws(ConfigurationError) {
        let paths = SaraiPaths.current
        (data, folder) = (paths.data, ModelStore(paths.models))
        do throws(ConfigurationError) {
            let loaded = try options.load()
            (hub, models) = (loaded.configuration.hub, loaded.configuration.models)
        } catch {
            guard error.problems.contains(where: { $0.code == .fileMissing }), !options.isNamed else {
                throw error
            }
            (hub, models) = (try ConfigurationLoader.hubWithoutFile(), [])
        }
    }

    /// What somebody at the command line asks for.
    func request(_ text: String) throws(HubError) -> PullRequest {
        try PullRequest(text, models: models, folder: folder.path, allowsAddresses: true)
    }
}
