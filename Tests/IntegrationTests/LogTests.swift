import Glibc
import Testing
import XPMProtocol

/// Logs as xpmctl shows them.
struct LogTests {
    @Test func logIsKeptOverRestarts() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("job", "echo out $XPM_SERVICE; echo err >&2", to: xpmd.open("lab"))
            for _ in 0..<3 {
                try xpmd.call(StartService(ServiceReference(id: "job")))
                try xpmd.wait("job", for: .ended)
            }
            let line = "out lab@r1:job\n"
            #expect(try xpmd.ctl("logs", "job", "--stdout").output == line + line + line)
            #expect(try xpmd.ctl("logs", "job", "--stderr", "-n", "2").output == "err\nerr\n")
            let attempt = line + "err\n"
            #expect(try xpmd.ctl("logs", "job").output == attempt + attempt + attempt)
            #expect(try xpmd.ctl("logs", "job", "-n", "0").output.isEmpty)
        }
    }

    @Test func followerMissesNothingOverACrash() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (gate, output) = (try Tidings("gate", of: xpmd), try Tidings("output", of: xpmd))
            let script = "n=0; while read go; do n=$((n+1)); echo line $n; done < \(gate.path)"
            try xpmd.addScript("talker", script, to: xpmd.open("lab"))
            try xpmd.start("talker")
            let follower = try xpmd.startCtl(["logs", "-f", "talker", "--stdout"], output: output.path)
            try gate.letGo()
            #expect(try output.line() == "line 1")
            try xpmd.crash()
            try gate.letGo()
            try xpmd.launch()
            #expect(try output.line() == "line 2")
            try gate.letGo()
            #expect(try output.line() == "line 3")
            follower.process.signal(SIGINT)
            #expect([.code(130), .signal(SIGINT)].contains(try follower.process.wait()))
        }
    }

    @Test func followerEndsWithItsService() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (gate, output) = (try Tidings("gate", of: xpmd), try Tidings("output", of: xpmd))
            let script = "echo one; read go < \(gate.path); echo two; printf three; exit 7"
            try xpmd.addScript("job", script, to: xpmd.open("lab"))
            // It has not run yet: what is there is nothing.
            let early = try xpmd.ctl("logs", "-f", "job")
            #expect(early.code == 0 && early.output.isEmpty && early.errors.contains("has not run yet"), "\(early)")
            let patient = try xpmd.startCtl(["logs", "-f", "--retry", "job"], output: output.path)
            try xpmd.start("job")
            #expect(try output.line() == "one")
            let follower = try xpmd.startCtl(["logs", "-f", "job"])
            try gate.letGo()
            let outcome = try xpmd.finish(follower)
            #expect(outcome.code == 0 && outcome.output == "one\ntwo\nthree\n", "\(outcome)")
            #expect(outcome.errors == "xpmctl: lab@r1:job has ended: ERROR, exited with code 7\n")
            // The other one goes on with the next start.
            #expect(try output.line() == "two")
            #expect(try output.line() == "three")
            try xpmd.start("job")
            #expect(try output.line() == "one")
            patient.process.signal(SIGINT)
            #expect([.code(130), .signal(SIGINT)].contains(try patient.process.wait()))
        }
    }

    @Test func bytesThatAreNoTextAreReplacedAndHurtNobody() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("noise", "printf 'a\\377b\\000c\\n'", to: xpmd.open("lab"))
            try xpmd.call(StartService(ServiceReference(id: "noise")))
            try xpmd.wait("noise", for: .ended)
            #expect(try xpmd.log("noise") == "a\u{fffd}b\0c\n")
        }
    }
}
