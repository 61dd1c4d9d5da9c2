import Glibc
import Testing
import XPMProtocol

/// Files that the kernel cannot run, and output that nobody wants.
struct ProgramTests {
    private func file(_ text: String, _ xpmd: Instance) throws -> String {
        try xpmd.scratch.file("program", text, mode: 0o700)
    }

    @Test(arguments: [
        ("#!/bin/sh\r\necho\r\n", "has Windows line endings (CRLF)", "sed -i"),
        (
            "#!/nowhere/python4\n", "names the interpreter '/nowhere/python4', which does not exist",
            "install the interpreter"
        ),
        ("#!/usr/bin/env python4.99\n", "names the interpreter 'python4.99', which is not in its PATH", "install"),
    ])
    func startSaysWhatTheProgramLacks(text: String, words: String, advice: String) throws {
        try withInstance { xpmd in
            let path = try file(text, xpmd)
            let outcome = try xpmd.ctl("add", "web", "--start", "--", path)
            #expect(outcome.code == 5)
            #expect(outcome.errors.contains("'\(path)' \(words)"), "\(outcome.errors)")
            #expect(outcome.errors.contains(advice), "\(outcome.errors)")
        }
    }

    @Test func whatOnlyTheKernelKnowsIsExplainedToo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let path = try file("#!/bin/sh\n", xpmd)
            // More than the kernel takes with so small a stack.
            let words = Array(repeating: String(repeating: "x", count: 130_000), count: 4)
            let definition = ServiceDefinition(
                run: .command([path] + words), environment: xpmd.serviceEnvironment,
                limits: ResourceLimits(rlimits: ["stack": 1 << 20]))
            try xpmd.call(AddService(to: xpmd.open("lab"), id: "web", definition: definition))
            try xpmd.begin("web")
            #expect(
                try xpmd.wait("web", for: .ended).error
                    == "cannot run '\(path)': its arguments and environment are too long")
        }
    }

    @Test func commandThatGoesToTheBackgroundIsAdvised() throws {
        try withInstance { xpmd in
            let outcome = try xpmd.ctl(
                "add", "web", "--start", "--ready-notify", "--", "sh", "-c", "setsid sleep 1000 & exit 0")
            #expect(outcome.code == 5)
            #expect(outcome.errors.contains("before it was ready"), "\(outcome.errors)")
            #expect(outcome.errors.contains("run it in the foreground"), "\(outcome.errors)")
        }
    }

    @Test func outputMayBeDiscarded() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let run = try xpmd.open("lab")
            let script = "readlink /proc/$$/fd/1 /proc/$$/fd/2 | tee \(told.path); exec sleep 1000"
            try xpmd.addScript("both", script, to: run) { $0.log = LogPolicy(.null) }
            #expect(try xpmd.start("both").stdout == "/dev/null")
            #expect(try [told.line(), told.line()] == ["/dev/null", "/dev/null"])
            #expect(try xpmd.ctl("logs", "both").errors.contains("its output is discarded"))
            try xpmd.addScript("one", "echo out; echo err >&2; echo >\(told.path); exec sleep 1000", to: run) {
                $0.log = LogPolicy(stderr: "/dev/null", fresh: true)
            }
            try xpmd.start("one")
            _ = try told.line()
            #expect(try xpmd.log("one") == "out\n")
            #expect(try xpmd.log("one", .stderr).isEmpty)
        }
    }

    @Test func otherDevicesAreRefusedInOneSentence() throws {
        try withInstance { xpmd in
            let outcome = try xpmd.ctl("add", "web", "--log-stdout", "/dev/full", "--", "true")
            #expect(outcome.code == 10)
            #expect(outcome.errors.contains("cannot write a log to '/dev/full': the only device allowed is /dev/null"))
        }
    }
}
