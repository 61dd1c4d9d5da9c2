/// Streams one after the other: an attempt begins while the log of the one before is still read, or waits for room.
extension Logger {
    /// Whether a stream may go into a log: those before it have no writers any more.
    func mayTake(_ path: String) -> Bool {
        guard let current = paths[path] else { return true }
        return ([current] + (queued[path] ?? [])).allSatisfy { number in
            streams[number]?.stream.map { LogPipe.isHungUp($0.pipe) } ?? true
        }
    }

    /// Gives a stream to a lane that opens its log; false where there can be none.
    func start(_ number: UInt64) -> Bool {
        guard let known = streams[number], let stream = known.stream,
            let lane = give(.take(stream), for: known.path)
        else { return false }
        paths[known.path] = number
        let orders = known.orders
        streams[number]?.lane = lane
        streams[number]?.orders = []
        for order in orders { pass(order) }
        return true
    }

    /// A stream goes into its log no more: the next one does.
    func leavePath(_ path: String, _ number: UInt64) {
        guard paths[path] == number else { return }
        paths[path] = nil
        while paths[path] == nil, let next = queued[path]?.first {
            queued[path]?.removeFirst()
            if start(next) { continue }
            streams[next] = nil
            tellAll(.refused(stream: next, .resources, reason: "no thread for it"))
        }
        if queued[path]?.isEmpty == true { queued[path] = nil }
    }

    /// Something is asked of a stream that waits for another one to end.
    func waitForLane(_ order: LaneOrder, _ number: UInt64) {
        guard let known = streams[number], known.stream != nil else { return }
        if case .settle(_, let asker) = order, isFailing(known.path) {
            return tell(.settled(stream: number, isWritten: false), asker)
        }
        streams[number]?.orders.append(order)
    }

    private func isFailing(_ path: String) -> Bool {
        guard let current = paths[path], let known = streams[current], let lane = known.lane else { return false }
        lane.lock.lock()
        defer { lane.lock.unlock() }
        return known.stream?.failure != nil
    }

    var queuedStreams: [Stream] { queued.values.joined().compactMap { streams[$0]?.stream } }
}
