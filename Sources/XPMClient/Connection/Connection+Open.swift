import Glibc
import XPMProtocol

extension Connection {
    /// Connects to the daemon of `places`: at its socket, or where the daemon of the same state folder says that it serves;
    /// with `autostart` one is started where nothing answers at either.
    ///
    /// One that is lost while it is greeted is made again, for an xpmd may end just then, or make way for another one: a few times,
    /// for one may also end each time that it is greeted.
    public static func open(_ places: Places, client: String, autostart: Autostart?) throws(WireError) -> Connection {
        var backoff = Backoff()
        for _ in 1..<mostGreetings {
            do { return try openOnce(places, client, autostart) } catch {
                guard error.code == .connectionLost else { throw error }
                Thread.pause(backoff.next())
            }
        }
        return try openOnce(places, client, autostart)
    }

    private static let mostGreetings = 4

    private static func openOnce(
        _ places: Places, _ client: String, _ autostart: Autostart?
    ) throws(WireError) -> Connection {
        do {
            return try find(places, client)
        } catch  where error.isNobodyThere {
            guard let autostart else { throw error }
            do { try autostart.start() } catch let failure {
                // Another client may have started one in the meantime, and ours made way for it.
                do { return try find(places, client) } catch { throw failure }
            }
            do { return try find(places, client) } catch { throw places.elsewhere(error) }
        }
    }

    /// A daemon that is there.
    private static func find(_ places: Places, _ client: String) throws(WireError) -> Connection {
        do {
            try places.checkRuntimeFolder()
            return try Connection(socket: places.socket, client: client)
        } catch {
            // A socket that was named is the one that is meant.
            guard !places.isSocketChosen, error.isNobodyThere || error.data["errno"] == nil,
                let folder = try? places.stateFolder, let noted = Whereabouts(in: folder)
            else { throw error }
            return try connect(to: noted, of: folder, besides: places.socket, client, error)
        }
    }

    /// Connects where a note leads to; `error` is what was wrong with the socket of the places.
    private static func connect(
        to noted: Whereabouts, of folder: String, besides socket: String, _ client: String, _ error: WireError
    ) throws(WireError) -> Connection {
        // Another daemon may serve there by now, for another state folder.
        if noted.socket != socket, let found = try? Connection(socket: noted.socket, client: client),
            found.hello.pid == noted.pid
        {
            return found
        }
        guard noted.isAlive else { throw error }
        // Another one could not have the state folder.
        throw WireError(
            error.code,
            noted.socket == socket
                ? "\(error.message) (process \(noted.pid))"
                : "\(error.message); xpmd runs as process \(noted.pid) for \(Name.quoted(folder)), but does not answer at "
                    + noted.socket,
            data: error.data.merging(["pid": .integer(Int64(noted.pid)), "socket": .string(noted.socket)]) { $1 })
    }
}

extension Places {
    /// The same error where one was started and nobody is at the socket that was chosen: then the daemon of the state folder serves at
    /// another one, and no second one can have that folder.
    fileprivate func elsewhere(_ error: WireError) -> WireError {
        guard error.isNobodyThere, let folder = try? stateFolder, let noted = Whereabouts(in: folder), noted.isAlive,
            noted.socket != socket
        else { return error }
        return WireError(
            error.code,
            "\(error.message); xpmd already runs as process \(noted.pid) for \(Name.quoted(folder)), at \(noted.socket)",
            data: error.data.merging(["serves": .string(noted.socket)]) { $1 })
    }
}

extension WireError {
    /// Whether there is no socket, or one that its daemon left behind, be it while it was greeted: a daemon that is there
    /// but silent is not started again.
    package var isNobodyThere: Bool {
        if code == .connectionLost { return true }
        guard code == .unreachable, case .integer(let number)? = data["errno"] else { return false }
        return number == Int64(ENOENT) || number == Int64(ECONNREFUSED)
    }
}
