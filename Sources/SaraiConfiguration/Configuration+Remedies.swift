import SaraiCore

extension Configuration {
    /// What brings a file that a configuration names and that is not there; continues a sentence.
    ///
    /// - Parameter path: the file's absolute path.
    /// - Returns: what to do.
    package func remedy(forMissing path: String) -> String {
        let target = models.lazy.flatMap(\.targets).compactMap { target in
            if case .local(let local) = target, local.files.contains(path) { local } else { nil }
        }.first
        return target?.pullAdvice ?? "put it there or correct the path"
    }
}

extension LocalTargetConfiguration {
    /// How its files are fetched; `nil` if nobody has told where they come from.
    package var pullAdvice: String? {
        source.map { _ in "'sarai pull \(id.model)' fetches it" }
    }
}
