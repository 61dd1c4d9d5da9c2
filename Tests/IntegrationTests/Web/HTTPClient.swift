import Glibc

/// A client of HTTP/1.1 that sends what it is told, on one connection.
final class HTTPClient {
    private let descriptor: Int32
    private var inbox: [UInt8] = []

    struct Reply {
        var status: Int
        var head: String
        var body: [UInt8] = []

        var text: String { String(decoding: body, as: UTF8.self) }

        /// The first field of a name in lower case.
        func field(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                if line[..<colon].lowercased() == name {
                    return String(line[colon...].dropFirst().drop { $0 == " " })
                }
            }
            return nil
        }

        /// Name and value of the cookie that is set.
        var cookie: String? { field("set-cookie").map { String($0.prefix { $0 != ";" }) } }
    }

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure(cannot: "connect to port \(port)") }
    }

    deinit { close(descriptor) }

    /// One request on a connection of its own, and its response.
    static func send(
        _ line: String, _ fields: [String] = [], port: UInt16, host: String? = nil, body: String = ""
    ) throws -> Reply {
        let client = try HTTPClient(port: port)
        try client.write(line, fields, host: host ?? "localhost:\(port)", body: body)
        return try client.reply(to: line)
    }

    func write(_ line: String, _ fields: [String], host: String, body: String = "") throws {
        let hasHost = fields.contains { $0.lowercased().hasPrefix("host:") }
        let length = body.isEmpty && !line.hasPrefix("POST") ? [] : ["Content-Length: \(body.utf8.count)"]
        let lines = ["\(line) HTTP/1.1"] + (hasHost ? [] : ["Host: \(host)"]) + length + fields
        try write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure(cannot: "send") }
            sent += count
        }
    }

    /// The head of a response.
    func head() throws -> Reply {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let place = inbox.indices.first(where: { inbox[$0...].starts(with: end) }) {
                let head = String(decoding: inbox[..<place], as: UTF8.self)
                inbox.removeFirst(place + 4)
                return Reply(status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, head: head)
            }
            try more()
        }
    }

    /// A whole response.
    func reply(to line: String) throws -> Reply {
        var reply = try head()
        guard !line.hasPrefix("HEAD"), reply.status != 204, reply.status != 304 else { return reply }
        if let length = reply.field("content-length").flatMap({ Int($0) }) {
            reply.body = try read(length)
        } else if reply.field("transfer-encoding") == "chunked" {
            while case let size = try chunkSize(), size > 0 {
                reply.body += try read(size)
                _ = try read(2)
            }
        }
        return reply
    }

    /// So many bytes.
    func read(_ count: Int) throws -> [UInt8] {
        while inbox.count < count { try more() }
        defer { inbox.removeFirst(count) }
        return Array(inbox[..<count])
    }

    /// What comes until `text` does, with it.
    func read(until text: String) throws -> String {
        let mark = Array(text.utf8)
        while true {
            if let place = inbox.indices.first(where: { inbox[$0...].starts(with: mark) }) {
                return String(decoding: try read(place + mark.count), as: UTF8.self)
            }
            try more()
        }
    }

    private func chunkSize() throws -> Int { Int(try read(until: "\r\n").dropLast(1), radix: 16) ?? 0 }

    private func more() throws {
        guard try isReadable(descriptor, within: patience) else { throw TestFailure("waited in vain for a response") }
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        guard !chunk.isEmpty else { throw TestFailure("the connection ended before the response") }
        inbox += chunk
    }
}
