import Glibc
import Testing
import XPMProtocol

@testable import XPMDaemon

/// What others put in the place of a log's files holds nobody up.
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
        #expect(fault.map { "\($0)".hasSuffix(" \(file): it is no regular file") } == true)
    }

    @Test(arguments: Work.allCases)
    func folderInPlaceOfALogIsRefused(work: Work) throws {
        try scratch.folder("log")
        let fault = #expect(throws: LogFault.self) { try work.act(on: path) }
        #expect(fault?.path == path && fault?.code == EISDIR)
    }
}
