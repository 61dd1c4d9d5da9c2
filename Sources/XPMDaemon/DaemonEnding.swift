/// How a daemon has ended.
enum DaemonEnding: Sendable {
    case gone
    /// Another program is to take its place with these descriptors.
    case replaced(Handover)
}
