extension LoggerMessage {
    /// The message as one packet.
    public func encode() -> [UInt8] {
        var writer = PacketWriter()
        switch self {
        case .welcome(let version, let pid):
            writer.append(UInt8(128))
            writer.append(version)
            writer.append(pid)
        case .taken(let stream):
            writer.append(UInt8(129))
            writer.append(stream)
        case .refused(let stream, let code, let reason):
            writer.append(UInt8(130))
            writer.append(stream)
            writer.append(code.rawValue)
            writer.append(reason)
        case .ended(let stream, let bytes, let dropped):
            writer.append(UInt8(131))
            writer.append(stream)
            writer.append(bytes)
            writer.append(dropped)
        case .fault(let stream, let text):
            writer.append(UInt8(132))
            writer.append(stream)
            writer.append(text)
        case .dropped(let stream, let lines):
            writer.append(UInt8(133))
            writer.append(stream)
            writer.append(lines)
        case .surprise(let stream, let path, let what):
            writer.append(UInt8(134))
            writer.append(stream)
            writer.append(path)
            writer.append(what.rawValue)
        case .settled(let stream, let isWritten):
            writer.append(UInt8(135))
            writer.append(stream)
            writer.append(UInt8(isWritten ? 1 : 0))
        case .listed(let entries, let isLast):
            writer.append(UInt8(136))
            writer.append(UInt8(isLast ? 1 : 0))
            writer.append(UInt32(clamping: entries.count))
            for entry in entries { writer.append(entry) }
        case .cleared(let path, let problem):
            writer.append(UInt8(137))
            writer.append(path)
            writer.append(problem)
        }
        return writer.bytes
    }

    /// Reads a packet.
    public static func decode(_ packet: [UInt8]) throws(PacketError) -> LoggerMessage {
        var reader = PacketReader(packet)
        let message = try read(&reader)
        try reader.finish()
        return message
    }

    private static func read(_ reader: inout PacketReader) throws(PacketError) -> LoggerMessage {
        switch try reader.integer(UInt8.self) {
        case 128: return .welcome(version: try reader.integer(), pid: try reader.integer())
        case 129: return .taken(stream: try reader.integer())
        case 130:
            let stream: UInt64 = try reader.integer()
            guard let code = Refusal(rawValue: try reader.integer()) else { throw .unknown }
            return .refused(stream: stream, code, reason: try reader.text())
        case 131:
            return .ended(stream: try reader.integer(), bytes: try reader.integer(), dropped: try reader.integer())
        case 132: return .fault(stream: try reader.integer(), text: try reader.text())
        case 133: return .dropped(stream: try reader.integer(), lines: try reader.integer())
        case 134:
            let stream: UInt64 = try reader.integer()
            let path = try reader.text()
            guard let what = Surprise(rawValue: try reader.integer()) else { throw .unknown }
            return .surprise(stream: stream, path: path, what)
        case 135: return .settled(stream: try reader.integer(), isWritten: try reader.flag())
        case 136:
            let isLast = try reader.flag()
            return .listed(try reader.entries(), isLast: isLast)
        case 137: return .cleared(path: try reader.text(), problem: try reader.text())
        default: throw .unknown
        }
    }
}

extension PacketWriter {
    mutating func append(_ entry: StreamEntry) {
        append(entry.stream)
        append(entry.path)
        append(entry.pipe)
        append(entry.bytes)
        append(entry.dropped)
        append(UInt8(entry.isEnded ? 1 : 0))
        append(entry.fault)
    }
}

extension PacketReader {
    fileprivate mutating func entries() throws(PacketError) -> [StreamEntry] {
        let count = Int(try integer(UInt32.self))
        // None takes less than its numbers: a count beyond the packet is found out before anything is allocated for it.
        guard count <= left / 41 else { throw .truncated }
        var entries: [StreamEntry] = []
        for _ in 0..<count {
            entries.append(
                StreamEntry(
                    stream: try integer(), path: try text(), pipe: try integer(), bytes: try integer(),
                    dropped: try integer(), isEnded: try flag(), fault: try text()))
        }
        return entries
    }
}
