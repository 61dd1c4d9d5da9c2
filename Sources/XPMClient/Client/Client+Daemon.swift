import XPMProtocol

extension Client {
    /// How the daemon is.
    public func daemonStatus() async throws -> DaemonStatus.Reply { try await call(DaemonStatus()) }

    /// Asks the daemon to give way to the program that is installed now; returns as soon as that has begun.
    @discardableResult
    public func reexecDaemon() async throws -> ReexecDaemon.Reply { try await callAlone(ReexecDaemon()) }

    /// Asks the daemon to end, with or without its services; returns as soon as it has begun to.
    @discardableResult
    public func stopDaemon(keepServices: Bool = false) async throws -> StopDaemon.Reply {
        try await callAlone(StopDaemon(keepServices: keepServices ? true : nil))
    }
}
