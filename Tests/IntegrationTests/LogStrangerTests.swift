import Glibc
import Testing
import XPMProtocol

/// Services whose logs are no files, or others': they harm nobody, and themselves no more than they must.
@Suite(.timeLimit(.minutes(5))) struct LogStrangerTests {
    /// More requests than there are threads that could be held.
    private let requests = 4

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

    @Test(arguments: [false, true]) func serviceWithANamedPipeForALogIsRefusedAndHoldsNobodyUp(isFresh: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (run, path) = (try xpmd.open("lab"), "\(xpmd.workspace)/logs.out")
            try #require(mkfifo(path, 0o600) == 0)
            try xpmd.addScript("piped", "exec sleep 1000", to: run) {
                $0.log = LogPolicy(stdout: path, fresh: isFresh)
            }
            try xpmd.addScript("other", "echo begun; exec sleep 1000", to: run) { $0.log = LogPolicy(fresh: true) }
            for _ in 0..<requests {
                let outcome = try xpmd.ctl("start", "piped")
                let cause = "\(path) cannot be written: it is not a regular file"
                #expect(outcome.code != 0 && outcome.errors.contains(cause), "\(outcome)")
                let record = try xpmd.service("piped")
                #expect(record.state == .error && record.error?.contains(cause) == true)
                // It is not read either, which would wait for whoever writes.
                _ = try xpmd.ctl("logs", "piped", "--stdout")
            }
            try xpmd.start("other")
            #expect(try xpmd.ctl("logs", "other", "--stdout").code == 0)
            #expect(try xpmd.ctl("watch", xpmd.scratch.folder("none")).code != 0)
            #expect(try xpmd.ctl("daemon", "stop").code == 0)
            #expect(try xpmd.awaitEnd() == .code(0))
        }
    }
}
