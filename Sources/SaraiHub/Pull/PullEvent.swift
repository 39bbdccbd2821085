import SaraiBackends
package import SaraiCore

/// How a pull goes.
package struct PullEvent: Hashable, Sendable {
    /// What happens to a file.
    package enum Step: Hashable, Sendable {
        /// It is there already, and is what it should be.
        case present
        /// It begins, or goes on where an earlier one ended.
        case started(at: Int, total: Int)
        /// So many bytes are there.
        case receiving(completed: Int, total: Int)
        /// Something failed and is tried again.
        case retrying(String, after: Duration)
        /// What was there is of no use.
        case startingOver(String)
        /// Its digest is being computed.
        case verifying(completed: Int, total: Int)
        /// It has its final name.
        case finished
    }

    /// The file.
    package let item: PullItem
    /// What happens to it.
    package let step: Step
}

/// A file that a pull brings.
package struct PullItem: Hashable, Sendable {
    /// What it is to the model.
    package enum Kind: String, Hashable, Sendable {
        case model, projector
    }

    /// What it is to the model.
    package let kind: Kind
    /// What people call it: its name at its source.
    package let name: String
    /// Where it is asked for, without a query.
    package var source: String { "\(address)" }
    /// Bytes, where they are known before.
    package let size: Int?
    /// What its bytes must be, where that is known before.
    package let digest: FileDigest?
    /// The path that it gets.
    package let path: String
    /// Where it is asked for.
    let address: RemoteAddress
}
