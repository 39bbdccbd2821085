/// How short of memory the machine is, and what follows from it.
package enum PressureLevel: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case calm
    /// Nothing new is loaded.
    case stopAdmitting = "stop_admitting"
    /// Idle models are unloaded besides.
    case evict
}
