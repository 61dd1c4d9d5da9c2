/// The deadlines that a machine may ask for; each runs for one attempt.
public enum Timer: Hashable, CaseIterable, Sendable {
    /// The conditions of readiness must be met by then.
    case readiness
    /// A run that lasts until then is stable: earlier restarts no longer count.
    case stable
    /// The delay before a restart; ends in `retry`.
    case retry
    /// The first signal of the stop ladder must have worked by then.
    case grace
    /// SIGKILL must have worked by then; else processes are stuck in the kernel.
    case kill
}
