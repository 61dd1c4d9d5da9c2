/// What a request asks for (RFC 9110, 9; PATCH is RFC 5789). Methods are compared as they are written.
public enum Method: UInt8, Equatable, Sendable {
    case get, head, post, put, delete, connect, options, trace, patch
    /// Any other token.
    case other

    init(_ bytes: UnsafeRawBufferPointer) {
        self =
            switch bytes.count {
            case 3: bytes.equals("GET") ? .get : bytes.equals("PUT") ? .put : .other
            case 4: bytes.equals("POST") ? .post : bytes.equals("HEAD") ? .head : .other
            case 5: bytes.equals("PATCH") ? .patch : bytes.equals("TRACE") ? .trace : .other
            case 6: bytes.equals("DELETE") ? .delete : .other
            case 7: bytes.equals("OPTIONS") ? .options : bytes.equals("CONNECT") ? .connect : .other
            default: .other
            }
    }
}
