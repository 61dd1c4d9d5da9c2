import CLinux
import Glibc

@testable import XPMKeeping

/// Why a test could not go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Far beyond what anything takes on a busy machine: reached only where something never happens.
let deadlineMilliseconds: Int32 = 300_000

func awaitReadable(_ descriptor: Int32, _ what: String) throws {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, deadlineMilliseconds) == 1 else { throw TestFailure("waited in vain for \(what)") }
}

/// Waits for a process that is nobody's child here to end.
func awaitEnd(of pid: Int32) throws {
    let number = xpm_pidfd_open(pid)
    if number < 0 && errno == ESRCH { return }
    let handle = Descriptor(number)
    try awaitReadable(handle.number, "the end of process \(pid)")
}

/// Waits until something is so that nothing tells of.
func awaitTrue(_ what: String, _ isTrue: () -> Bool) throws {
    let end = Clocks.monotonic + Int64(deadlineMilliseconds)
    while !isTrue() {
        guard Clocks.monotonic < end else { throw TestFailure("waited in vain for \(what)") }
        sched_yield()
    }
}

/// Whether a process runs; a zombie does not.
func isAlive(_ pid: Int32) -> Bool {
    ProcessFiles.stat(of: pid).map { !$0.isGone } ?? false
}

/// A named pipe through which a script tells of itself: reading it waits for the script to write.
struct Tidings {
    let path: String
    private let descriptor: Descriptor

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw TestFailure("cannot create \(path): errno \(errno)") }
        // Both ways, so that a writer finds a reader and the reader no end.
        descriptor = Descriptor(Glibc.open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK))
    }

    func line() throws -> String {
        var bytes: [UInt8] = []
        while true {
            try awaitReadable(descriptor.number, "a line in \(path)")
            var byte: UInt8 = 0
            guard read(descriptor.number, &byte, 1) == 1 else { continue }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }

    /// Lets one script go on that reads from it.
    func open() throws { try say("") }

    /// Gives a line to a script that reads from it.
    func say(_ line: String) throws {
        guard write(descriptor.number, line + "\n", line.utf8.count + 1) == line.utf8.count + 1 else {
            throw TestFailure("cannot write to \(path): errno \(errno)")
        }
    }

    func pid() throws -> Int32 {
        let line = try line()
        guard let pid = Int32(line) else { throw TestFailure("\(line) is no pid") }
        return pid
    }
}
