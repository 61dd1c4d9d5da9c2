import Glibc

/// What the keeper asks for, and what lanes report.
extension Logger {
    /// How many openers there can be for one mount: some may hang at links that lead elsewhere.
    private static let mostOpeners = 8
    /// After how many ns an opener counts as one that hangs, so that others don't wait for it.
    private static let openerPatience: UInt64 = 50_000_000
    /// Entries of a page: each has a path and a fault, both of which are bounded.
    private static let page = 6

    func carryOut(_ order: LoggerOrder, _ file: OpenFile?, _ asker: UInt64) {
        switch order {
        case .take(let order): take(order, file, asker)
        case .begin(let order): begin(order)
        case .clear(let path): clear(path, asker)
        case .settle(let number):
            if streams[number]?.stream == nil {
                tell(.settled(stream: number, isWritten: streams[number] != nil), asker)
            } else {
                pass(.settle(stream: number, asker: asker))
            }
        case .list(let after): list(after, asker)
        case .restored: finishLeftovers()
        case .forget(let number): forget(number)
        case .end: end()
        }
    }

    private func take(_ order: TakeOrder, _ file: OpenFile?, _ asker: UInt64) {
        func refuse(_ code: LoggerMessage.Refusal, _ reason: String) {
            tell(.refused(stream: order.stream, code, reason: reason), asker)
        }
        guard let file, let pipe = LogPipe.identity(of: file) else {
            return refuse(.noPipe, "neither a pipe nor a terminal")
        }
        guard order.stream > 0, order.stream < .max, streams[order.stream] == nil else {
            return refuse(.takenNumber, "number \(order.stream) is in use")
        }
        guard isFit(order.path) else { return refuse(.unfitPath, "cannot use this path") }
        guard hasRoomForOneMore else { return self.refuse(order, asker) }
        guard mayTake(order.path) else { return refuse(.takenPath, "\(order.path) is written already") }
        _ = fcntl(file.descriptor, F_SETFL, fcntl(file.descriptor, F_GETFL) | O_NONBLOCK)
        let stream = Stream(order, file, inode: pipe, drops: state.drops)
        streams[order.stream] = Known(stream: stream, path: order.path, pipe: pipe)
        stir()
        if paths[order.path] != nil {
            queued[order.path, default: []].append(order.stream)
        } else if !start(order.stream) {
            streams[order.stream] = nil
            return refuse(.resources, "no thread for it")
        }
        tell(.taken(stream: order.stream), asker)
    }

    /// What is in the pipe at this moment is the attempt's before, whatever its lane is doing.
    private func begin(_ order: BeginOrder) {
        guard let known = streams[order.stream], let stream = known.stream else { return }
        guard let lane = known.lane else { return stream.begin(order) }
        lane.lock.lock()
        stream.begin(order)
        lane.lock.unlock()
        pass(.begin(stream: order.stream))
    }

    private func isFit(_ path: String) -> Bool {
        let bytes = path.utf8
        return bytes.first == UInt8(ascii: "/") && bytes.last != UInt8(ascii: "/")
            && bytes.count <= LoggerProtocol.longestPath && !bytes.contains(0)
    }

    /// Gives something about a log that is not open to a lane that opens logs below the mount of its path, and does not hang; which one
    /// took it, nil where there can be none.
    func give(_ order: LaneOrder, for path: String) -> Lane? {
        let mount = mounts.point(of: path)
        var present = (openers[mount] ?? []).filter { !$0.isFinished }
        defer { openers[mount] = present }
        let idle = present.filter { $0.isBusySince == 0 || Logger.now < $0.isBusySince &+ Self.openerPatience }
        for lane in idle where lane.post(order) { return lane }
        if present.count < Self.mostOpeners,
            let lane = try? Lane(slot: nil, state: state, output: output, syncer: Syncer())
        {
            // It ends when it has nothing to do, so it gets that first.
            _ = lane.post(order)
            if lane.start() {
                present.append(lane)
                return lane
            }
        }
        return present.first { $0.post(order) }
    }

    private func clear(_ path: String, _ asker: UInt64) {
        guard isFit(path) else { return tell(.cleared(path: path, problem: "cannot use this path"), asker) }
        if let number = paths[path], streams[number]?.stream != nil {
            pass(.clear(stream: number, path: path, asker: asker))
        } else if give(.clearIdle(path: path, asker: asker), for: path) == nil {
            tell(.cleared(path: path, problem: "no thread for it"), asker)
        }
    }

    private func list(_ after: UInt64, _ asker: UInt64) {
        let numbers = streams.keys.filter { $0 > after }.sorted()
        let entries = numbers.prefix(Self.page).compactMap { number in streams[number].map { entry(number, $0) } }
        tell(.listed(entries, isLast: numbers.count <= Self.page), asker)
    }

    private func entry(_ number: UInt64, _ known: Known) -> StreamEntry {
        var entry = StreamEntry(
            stream: number, path: known.path, pipe: known.pipe, bytes: known.bytes, dropped: known.dropped,
            isEnded: known.stream == nil, fault: "")
        guard let stream = known.stream, let lane = known.lane else { return entry }
        lane.lock.lock()
        entry.bytes = stream.bytes
        entry.dropped = stream.dropped
        entry.fault = stream.failure.map { String($0.prefix(4096)) } ?? ""
        lane.lock.unlock()
        return entry
    }

    private func forget(_ number: UInt64) {
        guard let known = streams[number] else { return }
        if known.stream != nil { pass(.forget(stream: number)) }
        drop(number)
    }

    private func drop(_ number: UInt64) {
        guard let known = streams.removeValue(forKey: number) else { return }
        stir()
        queued[known.path]?.removeAll { $0 == number }
        leavePath(known.path, number)
    }

    func handle(_ report: LaneReport) {
        switch report {
        case .tell(let message):
            if case .ended(let number, let bytes, let dropped) = message, var known = streams[number] {
                known.bytes = bytes
                known.dropped = known.stream?.dropped ?? dropped
                known.stream = nil
                known.lane = nil
                streams[number] = known
                stir()
                leavePath(known.path, number)
            }
            tellAll(message)
        case .answer(let message, let asker): tell(message, asker)
        case .opened(let stream, let device): settle(stream, device)
        case .bounced(let order): bounce(order)
        }
    }

    /// Its lane has changed meanwhile, or it has ended.
    func bounce(_ order: LaneOrder) {
        guard let number = order.stream else { return }
        if streams[number]?.stream != nil { return pass(order) }
        switch order {
        case .settle(_, let asker): tell(.settled(stream: number, isWritten: streams[number] != nil), asker)
        case .clear(_, let path, let asker): clear(path, asker)
        case .take, .begin, .clearIdle, .forget, .finish: break
        }
    }

    /// Gives a stream to the lane of its device.
    private func settle(_ stream: Stream, _ device: UInt64) {
        stir()
        // Forgotten while it was opened.
        guard streams[stream.number]?.stream === stream else { return }
        let lane = lanes[device] ?? makeLane(device) ?? lanes.values.first
        guard let lane, lane.post(.take(stream)) else {
            drop(stream.number)
            return tellAll(.refused(stream: stream.number, .resources, reason: "no thread for it"))
        }
        streams[stream.number]?.lane = lane
    }

    private func makeLane(_ device: UInt64) -> Lane? {
        guard let slot = state.take() else { return nil }
        guard let lane = try? Lane(slot: slot, state: state, output: output, syncer: Syncer()), lane.start() else {
            state.giveBack(slot)
            return nil
        }
        lanes[device] = lane
        return lane
    }
}
