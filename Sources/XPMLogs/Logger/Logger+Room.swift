import Glibc

/// How many streams there can be by the number of files that may be open. It is looked at before one is taken: later it would be some file of
/// a log that cannot be opened, in the middle of whatever is done with it.
extension Logger {
    /// The pipe, the log and its times.
    private static let filesOfStream = 3
    /// Of a lane: what it waits by, and what it opens for a moment when it opens or rotates a log.
    private static let filesOfLane = 8
    /// Its socket, lock, state and so on, and keepers that come.
    private static let filesOfItsOwn = 20

    /// How many files may be open.
    static var mostFiles: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }

    var hasRoomForOneMore: Bool {
        let live = streams.values.count { $0.stream != nil } + 1
        // One that it may need to open the log, and one for its device.
        let lanes = lanes.count + openers.values.reduce(0) { $0 + $1.count { !$0.isFinished } } + 2
        let most = Self.mostFiles
        let ofLanes = lanes * (Self.filesOfLane + Syncer.mostFiles(of: most))
        return Self.filesOfItsOwn + connections.count + live * Self.filesOfStream + ofLanes <= most
    }

    /// Refuses a stream that there is no room for. Its pipe is the keeper's, too, and can come again.
    func refuse(_ order: TakeOrder, _ asker: UInt64) {
        let reason = """
            the logger cannot open more files: its limit is \(Self.mostFiles) (stop services, or raise the limit with LimitNOFILE= or \
            ulimit -n and start xpmd again)
            """
        tell(.refused(stream: order.stream, .resources, reason: reason), asker)
    }
}
