import Glibc
import Testing
import XPMProtocol

/// Services whose logs are no files, or are locked by somebody: they harm nobody, and themselves no more than they must.
@Suite(.timeLimit(.minutes(5))) struct LogStrangerTests {
    /// More requests than there are threads that could be held.
    private let requests = 4

    @Test func logThatItsServiceHasLockedIsReadAndBegunAfresh() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let tidings = try Tidings("tidings", of: xpmd)
            let script = "echo begun; flock -n 1 && echo locked; echo done >\(tidings.path); exec sleep 1000"
            try xpmd.addScript("locker", script, to: xpmd.open("lab")) { $0.log = LogPolicy(keep: 9, fresh: true) }
            for attempt in 1...2 {
                try xpmd.start("locker")
                #expect(try tidings.line() == "done")
                for _ in 0..<requests { #expect(try xpmd.log("locker", lines: 1) == "locked\n") }
                let outcome = try xpmd.ctl("logs", "locker", "--stdout", "--timestamps")
                #expect(outcome.code == 0 && outcome.output.hasSuffix("locked\n"))
                #expect(try xpmd.log("locker") == String(repeating: "begun\nlocked\n", count: attempt))
                guard attempt == 1 else { continue }
                // Its log is locked even when it has ended, by somebody else.
                try xpmd.stop("locker")
                let path = try #require(try xpmd.service("locker").stdout)
                let output = open(path, O_RDONLY | O_CLOEXEC)
                #expect(flock(output, LOCK_EX | LOCK_NB) == 0)
                xpmd.keep(OpenFile(output))
            }
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
        }
    }

    @Test func filesOfXpmdAreNoLogs() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let link = xpmd.scratch.path + "/link"
            #expect(symlink(xpmd.state, link) == 0)
            for path in [
                xpmd.state + "/xpmd.sqlite", xpmd.state + "/logs/../xpmd.lock", link + "/xpmd.sqlite",
            ] {
                let refused = try xpmd.ctl("add", "evil", "--start", "--log-fresh", "--log-stdout", path, "--", "true")
                #expect(refused.code == ErrorCode.invalidParameters.exitCode, "\(refused)")
                #expect(refused.errors.contains("xpmd keeps its own files in that folder"))
            }
            #expect(try xpmd.list().isEmpty)
        }
    }

    @Test(arguments: [("", false), ("", true), (".state", false), (".state", true), (".idx", true)])
    func serviceWithANamedPipeForALogIsRefusedAndHoldsNobodyUp(suffix: String, isFresh: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (run, path) = (try xpmd.open("lab"), "\(xpmd.workspace)/logs.out")
            try #require(mkfifo(path + suffix, 0o600) == 0)
            try xpmd.addScript("piped", "exec sleep 1000", to: run) {
                $0.log = LogPolicy(stdout: path, fresh: isFresh)
            }
            try xpmd.addScript("other", "echo begun; exec sleep 1000", to: run) { $0.log = LogPolicy(fresh: true) }
            if suffix == ".idx" { try xpmd.scratch.file("work/logs.out", "written before\n") }
            let refusal = "\(path)\(suffix): it is not a regular file"
            for _ in 0..<requests {
                let outcome = try xpmd.ctl("start", "piped")
                let cause = "\(path)\(suffix) cannot be written: it is not a regular file"
                #expect(outcome.code != 0 && outcome.errors.contains(cause), "\(outcome)")
                let record = try xpmd.service("piped")
                #expect(record.state == .error && record.error?.contains(cause) == true)
                // Where logs are to begin afresh, those before stay the service's own.
                let logs = try xpmd.ctl("logs", "piped", "--stdout")
                #expect(isFresh ? logs.code == 0 : logs.code != 0 && logs.errors.contains(refusal), "\(logs)")
            }
            try xpmd.start("other")
            #expect(try xpmd.ctl("logs", "other", "--stdout").code == 0)
            #expect(try xpmd.ctl("watch", xpmd.scratch.folder("none")).code != 0)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
        }
    }

    @Test func logsThatTakeForEverToReadDoNotHoldUpTheDaemonsEnd() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let path = "\(xpmd.workspace)/logs.out"
            try xpmd.addScript("held", "echo begun", to: xpmd.open("lab")) { $0.log = LogPolicy(stdout: path) }
            try xpmd.begin("held")
            try xpmd.wait("held", for: .ended)
            let state = open(try xpmd.scratch.file("work/logs.out.state", ""), O_RDONLY | O_CLOEXEC)
            #expect(flock(state, LOCK_EX | LOCK_NB) == 0)
            xpmd.keep(OpenFile(state))
            // Each is answered after two seconds, two at a time: far more than anybody would wait for.
            let client = try RawClient(xpmd.socket)
            try client.greet()
            let requests = (1...500).map {
                #"{"id":\#($0),"jsonrpc":"2.0","method":"service.logs","params":{"service":"held","stream":"stdout"}}"#
            }
            // In one piece: xpmd takes no more than it can answer, and the socket has room for few pieces.
            client.send(requests.flatMap { Frame.encode(Array($0.utf8)) })
            let refusal = try client.reply()
            #expect(refusal.error?.message == "cannot read the log \(path).state: another process has locked it")
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
        }
    }
}

/// A descriptor that is closed with the instance.
private final class OpenFile {
    private let descriptor: CInt
    init(_ descriptor: CInt) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}
