/// The version of Sarai.
package enum SaraiVersion {
    /// As `sarai version` and `/api/version` tell it.
    package static let current = "0.1.0"
}
