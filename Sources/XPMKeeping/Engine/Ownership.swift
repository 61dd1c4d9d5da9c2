/// Whose a process is.
enum Ownership: Equatable {
    case attempt(UInt64)
    case nobody
    /// It can't be said yet: amid execve, and while it dies, a process shows no environment.
    case undecided
}
