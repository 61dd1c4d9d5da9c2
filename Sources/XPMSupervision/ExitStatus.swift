/// How a main process ended.
public enum ExitStatus: Hashable, Codable, Sendable {
    /// By itself, with this code.
    case code(Int32)
    /// By this signal.
    case signal(Int32)
    /// While nobody watched: honestly unknown.
    case unknown
}
