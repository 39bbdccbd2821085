import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import SaraiBackends
import SaraiPool

extension DaemonClient {
    /// Has the daemon read its configuration again.
    ///
    /// - Parameter isDryRun: whether it only says what that would change.
    /// - Returns: what it changes.
    /// - Throws: ``RefusedConfiguration`` with everything that is wrong, or ``CommandFailure``.
    func reload(isDryRun: Bool) async throws -> ReloadReport {
        var request = makeRequest("/api/pool/reload")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(try JSONEncoder().encodeAsByteBuffer(["dry_run": isDryRun], allocator: .init()))
        let (status, body) = try await translating {
            // Headers of new files are read before the daemon answers.
            let response = try await http.execute(request, timeout: .seconds(60))
            return (response.status, try await response.body.collect(upTo: 4 << 20))
        }
        if status == .unprocessableEntity {
            throw RefusedConfiguration(refusal: try JSONDecoder().decode(ReloadRefusal.self, from: body))
        }
        guard status == .ok else {
            let message = try? JSONDecoder().decode([String: String].self, from: body)["error"]
            throw CommandFailure(
                status == .serviceUnavailable ? .unavailable : .failed,
                message ?? "\(address) answers with status \(status.code).")
        }
        return try JSONDecoder().decode(ReloadReport.self, from: body)
    }
}

/// The daemon found its configuration wrong, and goes on with the one that it has.
struct RefusedConfiguration: Error {
    let refusal: ReloadRefusal
}
