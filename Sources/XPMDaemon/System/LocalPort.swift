import CLinux
import Glibc

/// A TCP port of this machine.
enum LocalPort {
    /// What a server that binds an address finds.
    enum Condition {
        case free, taken
        /// The machine has no such address, or the user no right to the port.
        case unusable
    }

    /// Whether the port is taken at some address of the machine.
    static func isTaken(_ port: Int) -> Bool {
        condition(of: port, at: "0.0.0.0") == .taken || condition(of: port, at: "::") == .taken
    }

    static func condition(of port: Int, at address: String) -> Condition {
        guard let port = UInt16(exactly: port) else { return .unusable }
        return switch xpm_try_bind(address, port) {
        case 0: .free
        case EADDRINUSE: .taken
        default: .unusable
        }
    }
}
