import Glibc

/// What Ctrl-C says and does while a command waits for something that goes on without it: exit code 130.
enum Interruption {
    /// Read by the signal handler, which may neither allocate nor lock; written once before the handler is there.
    nonisolated(unsafe) private static var message: UnsafeMutableBufferPointer<UInt8> = .init(start: nil, count: 0)

    /// From now on Ctrl-C prints `text` and ends the process.
    static func say(_ text: String) {
        let bytes = Array("\n\(Sanitizer.line(text))\n".utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        // The earlier text is not freed: the handler may be reading it.
        message = buffer
        signal(SIGINT) { _ in
            _ = Glibc.write(STDERR_FILENO, Interruption.message.baseAddress, Interruption.message.count)
            _exit(130)
        }
    }
}
