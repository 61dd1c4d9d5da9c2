extension KeeperRequest {
    /// The request as one frame.
    public func encode() -> [UInt8] {
        switch self {
        case .hello(let minimum, let maximum):
            return frame(1) {
                $0.append(minimum)
                $0.append(maximum)
            }
        case .spawn(let order):
            let version = version
            return frame(version == 1 ? 2 : version == 2 ? 9 : version == 3 ? 15 : 16) {
                $0.append(order)
                if version > 1 { $0.append(order.extras) }
                if version > 2 { $0.append(order.extras.caller) }
                guard version > 3, let rotation = order.extras.rotation else { return }
                $0.append(rotation)
                $0.append(order.extras.terminal)
            }
        case .adopt(let order):
            let isPlain = version == 1
            return frame(isPlain ? 3 : version == 2 ? 10 : 17) {
                $0.append(order.attempt)
                $0.append(order.pid)
                $0.append(order.startTime)
                $0.append(order.marker)
                guard !isPlain else { return }
                $0.append(order.cgroup)
                $0.append(order.notifySocket)
                guard let rotation = order.rotation else { return }
                $0.append(order.standardOutput)
                $0.append(order.standardError)
                $0.append(rotation)
                $0.append(order.hasTerminal)
            }
        case .signal(let attempt, let signal):
            return frame(4) {
                $0.append(attempt)
                $0.append(signal)
            }
        case .kill(let attempt): return frame(5) { $0.append(attempt) }
        case .acknowledge(let attempt): return frame(6) { $0.append(attempt) }
        case .shutdown: return frame(7) { _ in }
        case .useCgroup(let folder): return frame(8) { $0.append(folder) }
        case .follow(let attempt, let pid):
            return frame(11) {
                $0.append(attempt)
                $0.append(pid)
            }
        case .measure(let attempts): return frame(12) { $0.append(attempts) { $0.append($1) } }
        case .inspect(let attempt): return frame(13) { $0.append(attempt) }
        case .deliver(let attempt, let signal, let target, let resumes):
            return frame(14) {
                $0.append(attempt)
                $0.append(signal)
                $0.append(target.rawValue)
                $0.append(resumes)
            }
        case .settle(let attempt): return frame(18) { $0.append(attempt) }
        case .clearLog(let path): return frame(19) { $0.append(path) }
        case .adoptedAll: return frame(20) { _ in }
        }
    }

    /// Reads the body of a frame.
    public static func decode(_ body: ArraySlice<UInt8>) throws(KeeperWireError) -> KeeperRequest {
        var reader = WireReader(body)
        let request = try read(&reader)
        try reader.finish()
        return request
    }

    private static func read(_ reader: inout WireReader) throws(KeeperWireError) -> KeeperRequest {
        switch try reader.integer(UInt8.self) {
        case 1: return .hello(minimum: try reader.integer(), maximum: try reader.integer())
        case 2: return .spawn(try SpawnOrder(&reader))
        case 3: return .adopt(try AdoptOrder(&reader))
        case 4: return .signal(attempt: try reader.integer(), signal: try reader.integer())
        case 5: return .kill(attempt: try reader.integer())
        case 6: return .acknowledge(attempt: try reader.integer())
        case 7: return .shutdown
        case 8: return .useCgroup(folder: try reader.text())
        case 9:
            var order = try SpawnOrder(&reader)
            order.extras = try SpawnExtras(&reader)
            return .spawn(order)
        case 10:
            var order = try AdoptOrder(&reader)
            order.cgroup = try reader.text()
            order.notifySocket = try reader.text()
            return .adopt(order)
        case 11: return .follow(attempt: try reader.integer(), pid: try reader.integer())
        case 12:
            return .measure(attempts: try reader.list { reader throws(KeeperWireError) in try reader.integer() })
        case 13: return .inspect(attempt: try reader.integer())
        case 14:
            return .deliver(
                attempt: try reader.integer(), signal: try reader.integer(), to: try target(&reader),
                resumes: try reader.flag())
        case 15:
            var order = try SpawnOrder(&reader)
            order.extras = try SpawnExtras(&reader)
            order.extras.caller = try SpawnExtras.Caller(&reader)
            return .spawn(order)
        case 16:
            var order = try SpawnOrder(&reader)
            order.extras = try SpawnExtras(&reader)
            order.extras.caller = try SpawnExtras.Caller(&reader)
            order.extras.rotation = try reader.rotation()
            order.extras.terminal = try reader.terminal()
            return .spawn(order)
        case 17:
            var order = try AdoptOrder(&reader)
            order.cgroup = try reader.text()
            order.notifySocket = try reader.text()
            order.standardOutput = try reader.text()
            order.standardError = try reader.text()
            order.rotation = try reader.rotation()
            order.hasTerminal = try reader.flag()
            return .adopt(order)
        case 18: return .settle(attempt: try reader.integer())
        case 19: return .clearLog(path: try reader.text())
        case 20: return .adoptedAll
        case let type: throw .unknownTag(type, of: "request")
        }
    }

    private static func target(_ reader: inout WireReader) throws(KeeperWireError) -> SignalTarget {
        let tag = try reader.integer(UInt8.self)
        guard let target = SignalTarget(rawValue: tag) else { throw .unknownTag(tag, of: "target") }
        return target
    }

    private func frame(_ type: UInt8, _ fill: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter(type: type)
        fill(&writer)
        return writer.finished()
    }
}
