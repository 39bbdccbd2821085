import Foundation
import SaraiConfiguration
package import SaraiCore

extension [ModelConfiguration] {
    /// The models that use files, by whatever path: links on either side are followed.
    ///
    /// - Parameter paths: absolute paths; not all of them need exist.
    /// - Returns: each model once, as the configuration orders them.
    package func users(of paths: [String]) -> [ModelName] {
        let real = Set(paths.map(Self.real))
        return filter { model in
            model.localTarget?.files.contains { real.contains(Self.real($0)) } == true
        }.map(\.name)
    }

    /// Where a path leads.
    private static func real(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().path
    }
}
