import XPMClient
import XPMProtocol

/// One event of `live`, made for a position: what is behind it, up to a size.
struct LiveFrame {
    /// The event, ready to be sent.
    let bytes: [UInt8]
    /// The position of who has seen it.
    let position: Int
    /// Whether a snapshot is complete with it; true for changes.
    let isComplete: Bool

    /// So many bytes of records make an event full. It may have one record more.
    static let size = 64 << 10

    /// Which event it is.
    enum Kind {
        /// A part of a snapshot that began when the log ended at `end`; the first one, or not.
        case snapshot(end: Int, isFirst: Bool)
        case change
    }

    /// The next event behind `position`; nil where there is nothing to tell.
    init?(
        _ kind: Kind, after position: Int, of log: LiveLog, in model: MirrorModel, epoch: String,
        origin: (ServiceRecord) -> ServiceOrigin?
    ) {
        var parts = Parts()
        var (place, isFull) = (position, false)
        let (end, isSnapshot) = if case .snapshot(let end, _) = kind { (end, true) } else { (log.end, false) }
        while let next = log.next(after: place), next.position <= end {
            if parts.size >= Self.size {
                isFull = true
                break
            }
            place = next.position
            // Who has nothing yet has nothing to remove.
            if case .removed = next.entry, isSnapshot { continue }
            parts.add(next.entry, model, origin)
        }
        // What is skipped at the end counts for nothing any more.
        if !isFull { place = end }
        (self.position, isComplete) = (place, !isFull)
        var data = "{"
        switch kind {
        case .snapshot(_, let isFirst):
            data += Self.json(model.connection) + ",\"first\":\(isFirst),\"more\":\(isFull),"
        case .change:
            if parts.isEmpty { return nil }
            if parts.hasConnection { data += Self.json(model.connection) + "," }
        }
        data += "\"removed\":["
        var bytes = Array(data.utf8)
        Self.join(parts.removed, &bytes, "],\"removed_runs\":[")
        Self.join(parts.removedRuns, &bytes, "],\"runs\":[")
        Self.join(parts.runs, &bytes, "],\"services\":[")
        Self.join(parts.services, &bytes, "]}")
        let name: String
        var id: String?
        switch kind {
        // Who comes back in the middle of a snapshot gets another one.
        case .snapshot: (name, id) = ("snapshot", isFull ? nil : "\(epoch).\(place)")
        case .change: (name, id) = ("change", "\(epoch).\(place)")
        }
        self.bytes = ServerSentEvent.bytes(name: name, id: id, data: bytes)
    }

    private static func json(_ connection: MirrorConnection) -> String {
        let (state, reason) = connection.words
        let why = reason.map { ",\"connection_reason\":" + text($0) } ?? ""
        return "\"connection\":\"\(state)\"\(why)"
    }

    private static func text(_ value: String) -> String {
        String(decoding: (try? Wire.encode(value)) ?? Array("\"\"".utf8), as: UTF8.self)
    }

    private static func join(_ parts: [[UInt8]], _ bytes: inout [UInt8], _ end: String) {
        for (place, part) in parts.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += part
        }
        bytes += Array(end.utf8)
    }

    /// What an event tells, written.
    private struct Parts {
        var services: [[UInt8]] = []
        var runs: [[UInt8]] = []
        var removed: [[UInt8]] = []
        var removedRuns: [[UInt8]] = []
        var hasConnection = false
        var size = 0

        var isEmpty: Bool {
            services.isEmpty && runs.isEmpty && removed.isEmpty && removedRuns.isEmpty && !hasConnection
        }

        mutating func add(_ entry: LiveLog.Entry, _ model: MirrorModel, _ origin: (ServiceRecord) -> ServiceOrigin?) {
            switch entry {
            case .changed(.service(let identity)):
                guard let service = model[identity] else { return }
                add(LiveRecord(service: service, origin: origin(service.record)), to: \.services)
            case .changed(.run(let identity)):
                guard let run = model.run(identity), let record = run.record else { return }
                add(LiveRun(record: record, place: run.place), to: \.runs)
            case .removed(.service(let identity)):
                add(LiveRemoval(run: identity.run, id: identity.id), to: \.removed)
            case .removed(.run(let identity)): add(LiveRemoval(run: identity), to: \.removedRuns)
            case .changed(.connection), .removed(.connection): hasConnection = true
            }
        }

        private mutating func add(_ value: some Encodable, to list: WritableKeyPath<Parts, [[UInt8]]>) {
            guard let bytes = try? Wire.encode(value) else { return }
            self[keyPath: list].append(bytes)
            size += bytes.count
        }
    }
}
