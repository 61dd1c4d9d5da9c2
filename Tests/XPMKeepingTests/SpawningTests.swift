import Glibc
import Testing

@testable import XPMKeeping

/// The way of one process, without a keeper.
struct SpawningTests {
    private func end(of pid: Int32) -> Int32 {
        var status: Int32 = -1
        waitpid(pid, &status, 0)
        return status
    }

    @Test func cgroupThatTakesNobodyIsNoFailure() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        let tidings = try Tidings(folder.path + "/tidings")
        let directory = Descriptor(open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        // No cgroup at all: neither way leads into it. What it was to limit is limited otherwise.
        let started = try startProgram(
            ["/bin/sh", "-c", "ulimit -d >\(tidings.path)"],
            options: .init(
                cgroup: directory.number, cgroupCountsMemory: true, extras: SpawnExtras(memory: 256 << 20)))
        #expect(!started.isInCgroup)
        #expect(try tidings.line() == "262144")
        #expect(end(of: started.pid) == 0)
    }

    @Test(arguments: [Int32.min, -1, .max]) func umaskThatIsNoneEndsNobody(umask: Int32) throws {
        var extras = SpawnExtras()
        extras.caller.umask = umask
        #expect(end(of: try startProgram(["/bin/true"], options: .init(extras: extras)).pid) == 0)
    }

    @Test func processGoesByItselfWhereItCanNotBeBorn() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        // An ordinary file takes what the kernel's would.
        try folder.write("cgroup.procs", "")
        let tidings = try Tidings(folder.path + "/tidings")
        let directory = Descriptor(open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        let started = try startProgram(
            ["/bin/sh", "-c", "ulimit -d >\(tidings.path)"],
            options: .init(
                cgroup: directory.number, cgroupCountsMemory: true, extras: SpawnExtras(memory: 256 << 20)))
        #expect(started.isInCgroup)
        #expect(folder.read("cgroup.procs") == "0")
        #expect(try tidings.line() == "unlimited")
        #expect(end(of: started.pid) == 0)
    }

    @Test func failureWithinACgroupIsTold() throws {
        guard let cgroup = CgroupFixture() else { return }
        let directory = Descriptor(open(cgroup.files.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        #expect(throws: Spawning.Failure(stage: .exec, errno: ENOENT)) {
            try startProgram(["/no/such/program"], options: .init(cgroup: directory.number))
        }
    }

    /// A journal of the test's own.
    private func journal(at path: String, backlog: Int32) throws -> Descriptor {
        let address = try UnixAddress(path)
        let socket = try address.socket(for: path)
        #expect(address.withPointer { bind(socket.number, $0, $1) } == 0 && listen(socket.number, backlog) == 0)
        return socket
    }

    @Test func outputGoesToTheJournalByBlockingStreams() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        let path = folder.path + "/journal"
        let journal = try journal(at: path, backlog: 8)
        let script = "grep flags /proc/$$/fdinfo/1 /proc/$$/fdinfo/2; echo trouble >&2"
        let started = try startProgram(
            ["/bin/sh", "-c", script],
            options: .init(extras: SpawnExtras(journal: "lab@r1:x"), journalSocket: path))
        #expect(end(of: started.pid) == 0)
        let output = try text(from: journal)
        let error = try text(from: journal)
        #expect(output.hasPrefix("lab@r1:x\n\n6\n1\n0\n0\n0\n"))
        // O_RDWR and nothing else.
        #expect(output.split(separator: "\n").filter { $0.hasSuffix("flags:\t02") }.count == 2)
        #expect(error == "lab@r1:x\n\n4\n1\n0\n0\n0\ntrouble\n")
    }

    private func text(from journal: Descriptor) throws -> String {
        try awaitReadable(journal.number, "a stream")
        let stream = Descriptor(accept(journal.number, nil, nil))
        var bytes: [UInt8] = []
        while true {
            try awaitReadable(stream.number, "text")
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(stream.number, &buffer, buffer.count)
            if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    @Test func journalThatTakesNoMoreHoldsUpNobody() throws {
        let folder = try Scratch()
        defer { folder.remove() }
        let path = folder.path + "/journal"
        let journal = try journal(at: path, backlog: 0)
        let address = try UnixAddress(path)
        let waiting = try address.socket(for: path)
        #expect(address.withPointer { connect(waiting.number, $0, $1) } == 0)
        #expect(throws: Spawning.Failure(stage: .resources, errno: EAGAIN)) {
            try startProgram(
                ["/bin/true"], options: .init(extras: SpawnExtras(journal: "lab@r1:x"), journalSocket: path))
        }
        withExtendedLifetime((journal, waiting)) {}
    }
}
