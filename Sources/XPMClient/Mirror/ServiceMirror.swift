import XPMProtocol

/// A live picture of the experiments, runs and services of an xpmd, for views that show it.
///
///     let mirror = try ServiceMirror(places: .ofThisProcess())
///     var model = MirrorModel()
///     while true {
///         // with whatever else the loop waits for
///         var waited = pollfd(fd: mirror.descriptor, events: Int16(POLLIN), revents: 0)
///         poll(&waited, 1, -1)
///         for change in mirror.changes() { model.apply(change) }
///     }
///
/// A thread of its own talks with xpmd; nothing here blocks, and while nothing happens nothing runs. A lost connection is made again, and
/// what has changed meanwhile is told as changes, whatever xpmd answers then. What is shown meanwhile stays as it was. xpmd is not started.
///
/// A reader that does not read costs no memory: changes of the same service or run are told as one. All methods may be called by any thread.
///
/// What xpmd changes without an event is shown with the next change of the same service: `status`, `notes`, `waiting_for` and `deadline`
/// within a state, `suspended`, and a definition or description that is replaced without a restart.
public final class ServiceMirror: Sendable {
    private let link: MirrorLink

    /// Begins to show what `selection` has of the xpmd of `places`; `name` is for its log. Nothing is known yet: what there is comes as
    /// changes. `unreachable` where the system has no descriptor left.
    public convenience init(
        places: Places, name: String = "swift \(ProtocolVersion.product)", selection: MirrorSelection = .everything
    ) throws(WireError) {
        try self.init(selection: selection) { () throws(WireError) in
            try Connection.open(places, client: name, autostart: nil)
        }
    }

    /// The same with connections that `connect` makes, on a thread that may block.
    init(
        selection: MirrorSelection = .everything, backoff: Backoff = Backoff(),
        connect: @escaping @Sendable () throws(WireError) -> Connection
    ) throws(WireError) {
        link = try MirrorLink(MirrorState(selection: selection), backoff: backoff, connect: connect)
        Thread.start { [link] in link.run() }
    }

    deinit { close() }

    /// Readable while changes wait. It is the mirror's own: it is only to be waited for, and closed with the mirror.
    public var descriptor: Int32 { link.news.descriptor }

    /// What has changed since the last call, to be applied to a `MirrorModel` in this order; nothing where nothing has. Never waits.
    public func changes() -> [MirrorChange] { link.takeChanges() }

    /// Ends the connection. What was not told yet can still be read; after that nothing comes any more.
    public func close() { link.stop() }
}
