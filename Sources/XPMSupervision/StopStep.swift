/// The rung of the stop ladder that a stopping service stands on.
public enum StopStep: Hashable, Codable, Sendable {
    /// The signal was sent to the whole group. Successor: killing.
    case terminating
    /// SIGKILL was sent to the whole tree.
    case killing
}
