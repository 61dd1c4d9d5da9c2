/// The deadlines that a machine may ask for; each runs for one attempt.
public enum Timer: Hashable, CaseIterable, Sendable {
    /// The conditions of readiness must be met by then.
    case readiness
    /// The first signal of the stop ladder must have worked by then.
    case grace
    /// SIGKILL must have worked by then; else processes are stuck in the kernel.
    case kill
}
