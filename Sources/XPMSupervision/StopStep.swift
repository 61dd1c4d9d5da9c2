/// The rung of the stop ladder that a stopping service stands on.
public enum StopStep: Hashable, Codable, Sendable {
    /// Services that need it end first. Successor: terminating.
    case held
    /// It is ending by itself, as it said. Successors: terminating, killing.
    case leaving
    /// The signal was sent to the whole tree or to what the main process left behind, or the command for it was run. Successor: killing.
    case terminating
    /// SIGKILL was sent to the whole tree.
    case killing
}
