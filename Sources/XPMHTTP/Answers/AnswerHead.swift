/// The head of an answer of our own, which is not a backend's.
public struct AnswerHead: Sendable {
    /// The status.
    public var status: Int
    /// The fields besides those of framing and connection.
    public var fields: [(name: StaticString, value: String)]

    /// An answer with a status and some fields.
    public init(status: Int, fields: [(name: StaticString, value: String)] = []) {
        (self.status, self.fields) = (status, fields)
    }

    /// How the content of an answer is framed.
    public enum Content: Equatable, Sendable {
        /// So many bytes; with HEAD they are not sent.
        case length(Int)
        /// It goes on: in chunks for clients of HTTP/1.1, to the end of the connection for others.
        case stream
        /// None, and no word of it: for 204, 304 and interim answers.
        case none
    }

    /// Writes the head, and says how many bytes it has; nil where there is too little room, or where a value has a
    /// control character.
    public func write(
        _ content: Content, to client: ResponseRewriting.Client, into memory: UnsafeMutableRawBufferPointer
    ) -> Int? {
        var writer = HeadWriter(memory)
        writer.append("HTTP/1.1 ")
        writer.append(status)
        writer.append(" ")
        writer.append(Self.reason(status))
        writer.append("\r\n")
        for field in fields { writer.field(field.name, field.value) }
        switch content {
        case .length(let length): writer.field("Content-Length", String(length))
        case .stream: if client.version == .http11 { writer.append("Transfer-Encoding: chunked\r\n") }
        case .none: break
        }
        if !client.isPersistent || content == .stream && client.version == .http10 {
            writer.append("Connection: close\r\n")
        } else if client.version == .http10 {
            writer.append("Connection: keep-alive\r\n")
        }
        writer.end()
        return writer.written
    }

    /// The words that belong to a status (RFC 9110, 15; RFC 6585; RFC 5842), none for others.
    public static func reason(_ status: Int) -> StaticString {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        case 508: "Loop Detected"
        default: ""
        }
    }
}
