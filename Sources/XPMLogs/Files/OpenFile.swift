import CLinux
import Glibc

/// An open file or other descriptor, closed with its last owner.
public final class OpenFile: Sendable {
    /// The descriptor.
    public let descriptor: Int32

    /// Owns a descriptor from now on.
    public init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a regular file; whatever else lies there is refused, without waiting for it. Closed at execve.
    public static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(LogFileError) -> OpenFile {
        let number = Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode)
        guard number >= 0 else { throw LogFileError(cannot: "open \(path)", errno) }
        let file = OpenFile(number)
        guard let facts = FileFacts(descriptor: number) else { throw LogFileError(cannot: "look at \(path)", errno) }
        guard facts.isRegular else { throw LogFileError(cannot: "open \(path)", because: "not a regular file") }
        return file
    }

    /// Reads at an offset until the buffer is full or the file ends; how many bytes there were.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(LogFileError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = buffer.count - filled
            let place = Int(clamping: offset) &+ filled
            let count = pread(descriptor, buffer.baseAddress?.advanced(by: filled), rest, place)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw LogFileError(cannot: "read", errno) }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// The header at the file's start; nil where there is none.
    public func header() throws(LogFileError) -> LogHeader? {
        var result: Result<LogHeader?, LogFileError> = .success(nil)
        withUnsafeTemporaryAllocation(byteCount: LogHeader.size, alignment: 8) { buffer in
            do throws(LogFileError) {
                let count = try read(into: buffer, at: 0)
                result = .success(LogHeader(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
