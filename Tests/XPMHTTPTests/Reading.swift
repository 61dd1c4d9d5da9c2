@testable import XPMHTTP

/// Lines that end in CRLF, and the empty line behind them.
func head(_ lines: String...) -> [UInt8] { Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) }

/// A head that was parsed, with the bytes that its places are in.
struct Parsed<Head> {
    var head: Head
    var bytes: [UInt8]

    /// The text of some of its bytes.
    func text(_ range: ByteRange?) -> String? {
        range.map { range in bytes.withUnsafeBytes { range.text(in: $0) } }
    }

    /// What `read` makes of head and bytes.
    func with<Result>(_ read: (Head, UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { read(head, $0) }
    }
}

extension Parsed where Head == RequestHead {
    /// Parses a request at once. Throws where it is refused, or not whole.
    init(request bytes: [UInt8], limits: HeadLimits = HeadLimits()) throws {
        var parser = RequestParser(limits: limits)
        guard try bytes.withUnsafeBytes({ try parser.parse($0) }) else { throw MessageError.endsEarly }
        self.init(head: parser.head, bytes: bytes)
    }
}

extension Parsed where Head == ResponseHead {
    /// Parses a response at once. Throws where it is refused, or not whole.
    init(response bytes: [UInt8], limits: HeadLimits = HeadLimits()) throws {
        var parser = ResponseParser(limits: limits)
        guard try bytes.withUnsafeBytes({ try parser.parse($0) }) else { throw MessageError.endsEarly }
        self.init(head: parser.head, bytes: bytes)
    }
}

/// Why a request is refused, nil where it is not.
func refusal(request bytes: [UInt8], limits: HeadLimits = HeadLimits()) -> MessageError? {
    do { _ = try Parsed(request: bytes, limits: limits) } catch { return error as? MessageError }
    return nil
}

/// Why a response is refused, nil where it is not.
func refusal(response bytes: [UInt8]) -> MessageError? {
    do { _ = try Parsed(response: bytes) } catch { return error as? MessageError }
    return nil
}

/// What a writer of heads makes, with room enough.
func written(_ write: (UnsafeMutableRawBufferPointer) -> Int?) -> String? {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 1)
    defer { memory.deallocate() }
    return write(memory).map { String(decoding: memory.prefix($0), as: UTF8.self) }
}
