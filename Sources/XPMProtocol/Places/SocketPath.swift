/// The one limit that Linux sets to the path of a Unix socket, found out before anything is made or asked.
public enum SocketPath {
    /// What fits into `sun_path` beside the terminating NUL.
    public static let limit = 107

    /// Refuses a path that no socket can have: `code` with its length and the limit.
    public static func check(_ path: String, code: ErrorCode = .unreachable) throws(WireError) {
        let length = path.utf8.count
        guard length > limit || path.utf8.contains(0) else { return }
        throw WireError(
            code,
            "cannot use the socket \(Name.quoted(path)): its path has \(length) bytes, a socket's path has at most \(limit)",
            data: ["path": .string(path), "length": .integer(Int64(length)), "limit": .integer(Int64(limit))])
    }
}

extension Places {
    /// Room for the longest name of a socket below the runtime folder: `/notify/` and the number of an attempt.
    private static let roomForSockets = "/notify/".utf8.count + 10

    /// Refuses, as `unreachable`, a runtime folder or a control socket whose path is too long for sockets.
    public func checkSockets() throws(WireError) {
        try SocketPath.check(socket)
        let length = runtimeFolder.utf8.count
        let longest = SocketPath.limit - Self.roomForSockets
        guard length > longest else { return }
        throw WireError(
            .unreachable,
            "cannot use the runtime folder \(Name.quoted(runtimeFolder)): its path has \(length) bytes; it can have at most "
                + "\(longest), because the path of a socket in it has at most \(SocketPath.limit)",
            data: [
                "path": .string(runtimeFolder), "length": .integer(Int64(length)), "limit": .integer(Int64(longest)),
            ])
    }
}
