import XPMProtocol

/// The state behind a connection: request ids, half-read frames, events that came before they were asked for.
struct Conversation: Sendable {
    private let socket: Socket
    private var splitter: FrameSplitter
    private var requestLimit = Frame.requestLimit
    private var lastID: Int64 = 0
    private var events: [EventRecord] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    /// Once a reply was given up or a frame was unreadable nobody knows where the next reply begins.
    private(set) var isOver = false

    init(socket: Socket) {
        self.socket = socket
        splitter = FrameSplitter(limit: Frame.replyLimit)
    }

    /// Anything that the daemon sends: a reply to the request of type M, or an event.
    private struct Incoming<Result: Decodable>: Decodable {
        var id: RequestID?
        var method: String?
        var params: EventRecord?
        var result: Result?
        var error: WireError?
    }

    mutating func call<M: Method>(_ method: M, until deadline: Deadline) throws(WireError) -> M.Reply {
        lastID += 1
        let id = RequestID.integer(lastID)
        try send(Request(id: id, method), named: M.name, until: deadline)
        while true {
            let message = try receive(M.Reply.self, named: M.name, until: deadline)
            if let event = message.params {
                events.append(event)
            } else if let error = message.error, message.id == id || message.id == nil {
                throw error
            } else if let result = message.result, message.id == id {
                return result
            } else {
                throw broken(
                    WireError(
                        .invalidRequest, "cannot understand xpmd: it answered \(M.name) with another request's reply"))
            }
        }
    }

    /// Sends a request whose reply `nextReply` gives.
    mutating func submit(_ method: some Method, named name: String) throws(WireError) -> RequestID {
        lastID += 1
        let id = RequestID.integer(lastID)
        try send(Request(id: id, method), named: name, until: .never)
        return id
    }

    /// The next reply to whatever was submitted; nil where the deadline comes first, which breaks nothing.
    mutating func nextReply(until deadline: Deadline) throws(WireError) -> SubmittedReply? {
        guard !isOver else { throw WireError(.connectionLost, "cannot wait: the connection to xpmd is closed") }
        while true {
            while let payload = try frame() {
                let message = try decode(Incoming<Unread>.self, payload, named: "a request")
                if let event = message.params { events.append(event) }
                if let id = message.id { return SubmittedReply(id: id, payload: payload) }
                if let error = message.error { throw broken(error) }
            }
            let count: Int?
            do { count = try socket.receive(into: &chunk, until: deadline) } catch { throw broken(error) }
            switch count {
            case nil: return nil
            case 0: throw broken(WireError(.connectionLost, "cannot wait any longer: xpmd closed the connection"))
            case let count?: splitter.append(chunk[..<count])
            }
        }
    }

    /// A result that is left for who knows its type.
    private struct Unread: Decodable {
        init(from decoder: any Decoder) {}
    }

    mutating func nextEvents() throws(WireError) -> [EventRecord] {
        while events.isEmpty {
            let message = try receive(Empty.self, named: "events.subscribe", until: .never)
            if let event = message.params { events.append(event) }
        }
        // One read may have brought many: they are handed over together, and no more than that is ever held.
        while let payload = try frame() {
            if let event = try decode(Incoming<Empty>.self, payload, named: "events.subscribe").params {
                events.append(event)
            }
        }
        defer { events.removeAll() }
        return events
    }

    /// Replies to what was submitted and events, as they come: at least one; nil where the deadline comes first, which breaks nothing.
    mutating func nextMessages(until deadline: Deadline) throws(WireError) -> [DaemonMessage]? {
        guard !isOver else { throw WireError(.connectionLost, "cannot wait: the connection to xpmd is closed") }
        var messages = events.map { DaemonMessage.event($0) }
        events.removeAll()
        while true {
            while let payload = try frame() {
                let message = try decode(Incoming<Unread>.self, payload, named: "a request")
                if let event = message.params {
                    messages.append(.event(event))
                } else if let id = message.id {
                    messages.append(.reply(SubmittedReply(id: id, payload: payload)))
                } else if let error = message.error {
                    throw broken(error)
                }
            }
            if !messages.isEmpty { return messages }
            let count: Int?
            do { count = try socket.receive(into: &chunk, until: deadline) } catch { throw broken(error) }
            switch count {
            case nil: return nil
            case 0: throw broken(WireError(.connectionLost, "cannot wait any longer: xpmd closed the connection"))
            case let count?: splitter.append(chunk[..<count])
            }
        }
    }

    mutating func waitForEnd(until deadline: Deadline) -> Bool {
        isOver = true
        do {
            while let count = try socket.receive(into: &chunk, until: deadline) {
                if count == 0 { return true }
            }
            return false
        } catch {
            // A reset is an end as well.
            return true
        }
    }

    private mutating func send(_ request: Request<some Method>, named name: String, until deadline: Deadline)
        throws(WireError)
    {
        guard !isOver else { throw WireError(.connectionLost, "cannot ask \(name): the connection to xpmd is closed") }
        let payload: [UInt8]
        do { payload = try Wire.encode(request) } catch {
            throw WireError(.invalidParameters, "cannot send \(name): it holds a number that JSON cannot express")
        }
        guard payload.count <= requestLimit else {
            throw WireError(
                .frameTooLarge, "cannot send \(name): it has \(payload.count) bytes, xpmd accepts \(requestLimit)",
                data: ["limit": .integer(Int64(requestLimit)), "length": .integer(Int64(payload.count))])
        }
        do {
            splitter.append(try socket.send(Frame.encode(payload), until: deadline, reading: true)[...])
        } catch {
            throw broken(error.code == .connectionLost ? farewell ?? error : error)
        }
    }

    /// Why xpmd has closed the connection, where it has said so: an error that answers no request.
    private var farewell: WireError? {
        mutating get {
            while let count = try? socket.receive(into: &chunk, until: Deadline(after: .zero)), count > 0 {
                splitter.append(chunk[..<count])
            }
            while let payload = try? splitter.next() {
                if let message = try? Wire.decode(Incoming<Unread>.self, from: payload), message.id == nil,
                    let error = message.error
                {
                    return error
                }
            }
            return nil
        }
    }

    private mutating func receive<Result: Decodable>(
        _ type: Result.Type, named name: String, until deadline: Deadline
    ) throws(WireError) -> Incoming<Result> {
        guard !isOver else {
            throw WireError(.connectionLost, "cannot wait for \(name): the connection to xpmd is closed")
        }
        while true {
            if let payload = try frame() { return try decode(Incoming<Result>.self, payload, named: name) }
            let count: Int?
            do { count = try socket.receive(into: &chunk, until: deadline) } catch { throw broken(error) }
            switch count {
            case nil: throw broken(WireError(.timedOut, "cannot wait any longer for xpmd's answer to \(name)"))
            case 0: throw broken(WireError(.connectionLost, "cannot finish \(name): xpmd closed the connection"))
            case let count?: splitter.append(chunk[..<count])
            }
        }
    }

    private mutating func frame() throws(WireError) -> [UInt8]? {
        do { return try splitter.next() } catch { throw broken(error) }
    }

    private mutating func decode<Message: Decodable>(
        _ type: Message.Type, _ payload: [UInt8], named name: String
    ) throws(WireError) -> Message {
        do { return try Wire.decode(type, from: payload) } catch {
            throw broken(WireError(.parseError, "cannot understand xpmd's answer to \(name): \(error)"))
        }
    }

    private mutating func broken(_ error: WireError) -> WireError {
        isOver = true
        return error
    }
}
