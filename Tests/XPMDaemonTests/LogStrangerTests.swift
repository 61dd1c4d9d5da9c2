import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

/// What others put in the place of a log's files, and lock of them, holds nobody up.
@Suite(.timeLimit(.minutes(2))) struct LogStrangerTests {
    /// All that is done with a log on worker threads.
    enum Work: CaseIterable, Sendable {
        case read, renew, rotate

        /// Does it to a log of more than 10,000 bytes.
        func act(on path: String) throws {
            switch self {
            case .read:
                var query = LogQuery(ServiceLogs(ServiceReference(id: "job"), stream: .stdout, lines: 1), path: path)
                query.timestamps = true
                let reply = try query.answer()
                #expect(reply.text == "line 2999\n")
            case .renew:
                try LogRenewal(path: path, keep: 4).renew()
                #expect(access("\(path).2", F_OK) == 0)
            case .rotate:
                #expect(try LogRotation(path: path, limit: 10_000, keep: 9).rotate())
                #expect(access("\(path).2", F_OK) == 0)
            }
        }
    }

    private let scratch: Scratch
    private var path: String { "\(scratch.path)/log" }

    init() throws { scratch = try Scratch() }

    /// A log that was rotated once, so that it has all the files that logs have.
    private func writeLog() throws {
        try scratch.write("log", (0..<3000).map { "line \($0)\n" }.joined())
        #expect(try LogRotation(path: path, limit: 10_000, keep: 9).rotate())
        try LogIndex.append(LogSnapshot(path))
    }

    /// Opens one of the files and locks it as another process would.
    private func lock(_ file: String) throws -> CInt {
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw FixtureFailure("cannot lock \(file)") }
        return descriptor
    }

    private static let pipes: [(Work, String)] = [
        (.read, ""), (.read, ".1"), (.read, ".state"), (.read, ".idx"),
        (.renew, ""), (.renew, ".state"), (.renew, ".idx"), (.renew, ".new"), (.renew, ".state.new"),
        (.rotate, ""), (.rotate, ".state"), (.rotate, ".new"), (.rotate, ".state.new"),
    ]

    @Test(arguments: pipes, [true, false])
    func namedPipeInPlaceOfAnyFileIsRefusedAtOnce(_ work: (Work, String), hasReader: Bool) throws {
        try writeLog()
        let file = path + work.1
        unlink(file)
        try #require(mkfifo(file, 0o600) == 0)
        let reader = hasReader ? open(file, O_RDWR | O_CLOEXEC) : -1
        defer { if reader >= 0 { close(reader) } }
        let fault = #expect(throws: LogFault.self) {
            if work.1 == ".1" { _ = try LogFile.read(path, from: 0) } else { try work.0.act(on: path) }
        }
        #expect(fault.map { "\($0)".hasSuffix(" \(file): it is not a regular file") } == true)
    }

    @Test(arguments: Work.allCases)
    func folderInPlaceOfALogIsRefused(work: Work) throws {
        try scratch.folder("log")
        let fault = #expect(throws: LogFault.self) { try work.act(on: path) }
        #expect(fault?.path == path && fault?.code == EISDIR)
    }

    @Test(arguments: Work.allCases)
    func serviceThatHasLockedItsOutputHoldsNobodyUp(work: Work) throws {
        try writeLog()
        let output = try lock(path)
        defer { close(output) }
        try work.act(on: path)
    }

    @Test(arguments: Work.allCases)
    func stateFileThatAStrangerHasLockedIsNotWaitedForForEver(work: Work) throws {
        try writeLog()
        let state = try lock(LogState.file(of: path))
        defer { close(state) }
        let fault = #expect(throws: LogFault.self) { try work.act(on: path) }
        #expect(fault?.code == EBUSY)
        #expect(fault.map { "\($0)".hasSuffix(" \(path).state: another process has locked it") } == true)
        #expect(try LogFile.read(path, from: 10, limit: 4, waits: false).bytes == Array("e 1\n".utf8))
    }

    @Test(arguments: Work.allCases)
    func stateFileThatAnotherDaemonLetsGoOfIsWaitedFor(work: Work) async throws {
        try writeLog()
        let state = try lock(LogState.file(of: path))
        async let done: Void = work.act(on: path)
        flock(state, LOCK_UN)
        close(state)
        try await done
    }

    /// The steps of a rotation at which its right to the log has to hold.
    @Test(arguments: [LogRotation.Step.recorded, .stamped, .intended, .collapsed, .blanked, .settled])
    func nobodyLooksWhileALogIsChanged(step: LogRotation.Step) throws {
        try writeLog()
        let path = path
        var rotation = LogRotation(path: path, limit: 10_000, keep: 9)
        rotation.reached = { (reached: LogRotation.Step) throws(LogFault) in
            guard reached == step else { return }
            let own = #expect(throws: LogFault.self) { try LogSnapshot(path, waits: false) }
            #expect(own?.code == EWOULDBLOCK)
            // As other daemons see it: by what is under the name at that moment.
            let state = open(LogState.file(of: path), O_RDONLY | O_CLOEXEC)
            defer { close(state) }
            #expect(flock(state, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        }
        #expect(try rotation.rotate())
        _ = try LogSnapshot(path, waits: false)
    }

    @Test func nobodyChangesALogWhileItIsLookedAt() throws {
        try writeLog()
        let first = try LogLock(path, .shared)
        let second = try LogLock(path, .shared)
        first.release()
        let fault = #expect(throws: LogFault.self) { try LogLock(path, .exclusive, waits: false) }
        #expect(fault?.code == EWOULDBLOCK)
        // Nor does another daemon.
        #expect(throws: FixtureFailure.self) { try lock(LogState.file(of: path)) }
        second.release()
        second.release()
        _ = try LogLock(path, .exclusive, waits: false)
        close(try lock(LogState.file(of: path)))
    }
}
