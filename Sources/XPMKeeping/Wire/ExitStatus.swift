/// How a main process ended.
public enum ExitStatus: Equatable, Sendable {
    /// By exit(3), with 0 … 255.
    case code(Int32)
    /// By a signal; `core` if a core was dumped.
    case signal(Int32, core: Bool)
    /// Nobody saw it: an adopted process whose status went to another parent.
    case unknown

    /// Reads the form that wait(2) gives.
    init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal, core: status & 0x80 != 0)
    }
}
