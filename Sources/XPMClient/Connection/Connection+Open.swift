import Glibc
import XPMProtocol

extension Connection {
    /// Connects to the daemon of `places`, starting it with `autostart` where nothing answers.
    public static func open(_ places: Places, client: String, autostart: Autostart?) throws(WireError) -> Connection {
        try places.checkRuntimeFolder()
        do {
            return try Connection(socket: places.socket, client: client)
        } catch  where error.isNobodyThere {
            guard let autostart else { throw error }
            do { try autostart.start() } catch let failure {
                // Another client may have started one in the meantime, and ours gave way to it.
                do { return try Connection(socket: places.socket, client: client) } catch { throw failure }
            }
            return try Connection(socket: places.socket, client: client)
        }
    }
}

extension WireError {
    /// Whether there is no socket, or one that its daemon left behind, be it while it was greeted: a daemon that is there
    /// but silent is not started again.
    var isNobodyThere: Bool {
        if code == .connectionLost { return true }
        guard code == .unreachable, case .integer(let number)? = data["errno"] else { return false }
        return number == Int64(ENOENT) || number == Int64(ECONNREFUSED)
    }
}
