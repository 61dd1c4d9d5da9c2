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
            return frame(2) {
                $0.append(order.attempt)
                $0.append(order.arguments) { $0.append($1) }
                $0.append(order.environment) { $0.append($1) }
                $0.append(order.directory)
                $0.append(order.standardOutput)
                $0.append(order.standardError)
                $0.append(order.marker)
            }
        case .adopt(let attempt, let pid, let startTime, let marker):
            return frame(3) {
                $0.append(attempt)
                $0.append(pid)
                $0.append(startTime)
                $0.append(marker)
            }
        case .signal(let attempt, let signal):
            return frame(4) {
                $0.append(attempt)
                $0.append(signal)
            }
        case .kill(let attempt): return frame(5) { $0.append(attempt) }
        case .acknowledge(let attempt): return frame(6) { $0.append(attempt) }
        case .shutdown: return frame(7) { _ in }
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
        case 3:
            return .adopt(
                attempt: try reader.integer(), pid: try reader.integer(), startTime: try reader.integer(),
                marker: try reader.text())
        case 4: return .signal(attempt: try reader.integer(), signal: try reader.integer())
        case 5: return .kill(attempt: try reader.integer())
        case 6: return .acknowledge(attempt: try reader.integer())
        case 7: return .shutdown
        case let type: throw .unknownTag(type, of: "request")
        }
    }

    private func frame(_ type: UInt8, _ fill: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter(type: type)
        fill(&writer)
        return writer.finished()
    }
}

extension SpawnOrder {
    fileprivate init(_ reader: inout WireReader) throws(KeeperWireError) {
        self.init(
            attempt: try reader.integer(),
            arguments: try reader.list { reader throws(KeeperWireError) in try reader.text() },
            environment: try reader.list { reader throws(KeeperWireError) in try reader.text() },
            directory: try reader.text(),
            standardOutput: try reader.text(),
            standardError: try reader.text(),
            marker: try reader.text())
    }
}
