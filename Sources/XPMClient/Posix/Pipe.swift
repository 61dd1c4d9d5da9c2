import Glibc
import XPMProtocol

/// A pipe to a child: the child writes, this process reads. Both ends close on exec and when it goes.
package struct Pipe: ~Copyable {
    package let reading: Int32
    package private(set) var writing: Int32

    package init() throws(WireError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw WireError(.unreachable, "cannot create a pipe: \(reason())") }
        // pipe2 is hidden from Swift; a child that another thread starts in between holds the end until it execs or ends.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        reading = StandardDescriptors.avoid(ends[0])
        writing = StandardDescriptors.avoid(ends[1])
    }

    deinit {
        close(reading)
        if writing >= 0 { close(writing) }
    }

    /// Gives up the writing end once the child has it: the end of the child is then the end of the pipe.
    package mutating func closeWriting() {
        close(writing)
        writing = -1
    }

    /// Waits for the next bytes; none at the end.
    package func next() -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(reading, &chunk, chunk.count)
            if count >= 0 { return Array(chunk[..<count]) }
            guard errno == EINTR else { return [] }
        }
    }

    /// Reads to the end, or so many bytes; nil where the time was over first.
    package func read(within limit: Duration, atMost count: Int) -> [UInt8]? {
        read(until: Deadline(after: limit)) { $0.count >= count }
    }

    /// Reads until `isEnough`, the end, or the deadline; nil where the deadline came first.
    func read(until deadline: Deadline, isEnough: ([UInt8]) -> Bool = { _ in false }) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while !isEnough(bytes) {
            guard deadline.poll(reading, for: POLLIN) else { return nil }
            let count = Glibc.read(reading, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return bytes
    }
}
