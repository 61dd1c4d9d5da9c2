import XPMProtocol

/// What services write. Names mean what they mean for `status`.
extension Client {
    /// Lines of a service's logs in the order of their arrival: the last ones, or what follows `cursor`, waiting for it up to `wait`, which
    /// counts to 60 s at most. With `partial` the last line comes though it is not finished.
    ///
    /// `invalidParameters` by an xpmd that is older and has no pages.
    public func logs(
        _ service: ServiceReference, _ selection: LogSelection, after cursor: String? = nil, wait: Duration? = nil,
        partial: Bool = false
    ) async throws -> ServiceLogs.Page {
        let request = selection.page(
            of: service.nearThisFolder, after: cursor, wait: wait?.inSeconds ?? 0, partial: partial)
        return try await request.waitSeconds == nil ? call(request).page : callAlone(request).page
    }

    /// The pages of a service's logs; with `follows` it goes on with what comes, until the task is cancelled.
    public func logPages(
        _ service: ServiceReference, _ selection: LogSelection = LogSelection(), after cursor: String? = nil,
        partial: Bool = false, follows: Bool = true
    ) -> LogPages {
        LogPages(self, service, selection, after: cursor, partial: partial, follows: follows)
    }

    /// The lines of a service's logs; with `follows` it goes on with what comes, until the task is cancelled. `logPages` tells of losses, too.
    public func logEntries(
        _ service: ServiceReference, _ selection: LogSelection = LogSelection(), after cursor: String? = nil,
        partial: Bool = false, follows: Bool = true
    ) -> LogEntries {
        LogEntries(pages: logPages(service, selection, after: cursor, partial: partial, follows: follows))
    }

    /// The last `lines` of one of a service's logs.
    public func logs(_ service: ServiceReference, stream: ServiceLogs.Stream, lines: Int? = nil) async throws
        -> ServiceLogs.Piece
    {
        try await call(ServiceLogs(service.nearThisFolder, stream: stream, lines: lines)).piece
    }

    /// What follows `offset` in a log, waiting for it up to `wait`, which counts to 60 s at most.
    public func logs(
        _ service: ServiceReference, stream: ServiceLogs.Stream, offset: Int64, wait: Duration
    ) async throws -> ServiceLogs.Piece {
        try await callAlone(
            ServiceLogs(service.nearThisFolder, stream: stream, offset: offset, waitSeconds: wait.inSeconds)
        ).piece
    }

    /// Empties the logs of a service, which goes on writing; returns the files that were emptied.
    ///
    /// A short name means a service of this folder. Where the connection is lost nobody knows whether it was done: `connectionLost`.
    @discardableResult
    public func clearLogs(_ service: ServiceReference) async throws -> [String] {
        try await call(ClearServiceLogs(service.ofThisFolder)).paths
    }
}
