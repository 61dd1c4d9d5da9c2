/// What was being done when a spawn failed.
public enum SpawnFailureStage: UInt8, Sendable, CaseIterable {
    /// Entering the working folder.
    case folder
    /// Opening a log file.
    case log
    /// Running the program, or taking its arguments as they are.
    case exec
    /// Whatever needs descriptors, memory or a place in the process table.
    case resources
}
