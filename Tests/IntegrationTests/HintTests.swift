import Glibc
import Testing
import XPMProtocol

/// What users are told when something does not work: true, and of their own service.
struct HintTests {
    @Test func hintsOfFailedStartsCanBeFollowed() throws {
        try withInstance { xpmd in
            let folder = xpmd.scratch.folder("w/data")
            try xpmd.scratch.file("prog.exe", "MZ\u{1}", mode: 0o700)
            symlink("/nowhere", xpmd.scratch.path + "/dangling")
            try #require(try xpmd.ctl("add", "quiet", "--start", "--log", "null", "--", "sleep", "1000").code == 0)
            try #require(try xpmd.ctl("add", "inside", "--folder", folder, "--", "sleep", "1000").code == 0)
            rmdir(folder)
            let port = try ReadinessTests.freePort()
            let cases: [(words: [String], code: Int32, says: [String], not: [String])] = [
                (["logs", "quiet"], 5, ["--log null"], ["only the program"]),
                (["start", "inside"], 5, ["mkdir -p \(folder)"], ["--folder"]),
                (["restart", "inside"], 5, ["mkdir -p \(folder)"], ["--folder"]),
                (["add", "a", "--start", "--folder", "/etc/passwd", "--", "true"], 5, ["is not a folder"], ["mkdir"]),
                (
                    ["start", "quiet", "--port", "\(port)"], 10,
                    ["it is a service that exists", "xpmctl add quiet OPTIONS -- sleep 1000"],
                    ["cannot find a template"]
                ),
                (["add", "b", "--start", "--", "/usr/bin/nofile"], 5, ["does not exist"], ["PATH"]),
                (
                    ["add", "c", "--start", "--", xpmd.scratch.path + "/dangling"], 5,
                    ["is a link to '/nowhere', which does not exist"], ["PATH"]
                ),
                (["add", "d", "--start", "--", "/tmp"], 5, ["is a folder"], ["hint: make it", "sh /tmp"]),
                (
                    ["add", "e", "--start", "--", xpmd.scratch.path + "/prog.exe"], 5, ["build for Linux"],
                    ["#!/bin/sh`"]
                ),
                (["add", "f", "--start", "--ready-delay", "10", "--", "true"], 5, ["if the command goes"], []),
                (["add", "g", "--", "no-such-tool"], 0, [], []),
                (["start", "g"], 5, ["xpmctl start a@default:g --update"], ["NAME"]),
                (["remove", "quiet"], 8, [":quiet`"], ["NAME"]),
                (["signal", "inside", "HUP"], 8, [":inside`"], ["NAME"]),
            ]
            for (words, code, says, not) in cases {
                let outcome = try xpmd.finish(xpmd.startCtl(words))
                #expect(outcome.code == code, "\(words): \(outcome.errors)")
                let project = xpmd.workspace.split(separator: "/").last.map(String.init) ?? ""
                for text in says {
                    let text = text.replacing("a@default", with: "\(project)@default")
                    #expect(outcome.errors.contains(text), "\(words): no '\(text)' in \(outcome.errors)")
                }
                for text in not { #expect(!outcome.errors.contains(text), "\(words): \(outcome.errors)") }
            }
        }
    }

    @Test func failedStartShowsItsOwnLinesOnlyAndCutsThem() throws {
        try withInstance { xpmd in
            let script =
                "n=$(cat n 2>/dev/null); n=$((n + 1)); echo $n > n; echo attempt $n >&2; head -c 100000 /dev/zero | tr '\\0' x; exit 3"
            let words = ["add", "fails", "--start", "--ready-delay", "5", "--", "/bin/sh", "-c", script]
            for number in 1...3 {
                let outcome = try xpmd.finish(xpmd.startCtl(words))
                #expect(outcome.code == 5)
                let told = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("  attempt") }
                #expect(told == ["  attempt \(number)"], "\(outcome.errors)")
                #expect(outcome.errors.count < 3000 && outcome.errors.contains("x…\n"))
            }
        }
    }

    /// The port is taken before there is a process, which then has written nothing.
    @Test func startWithoutAProcessShowsNoLinesOfOthers() throws {
        try withInstance { xpmd in
            let port = try ReadinessTests.freePort()
            let url = "http://127.0.0.1:\(port)/"
            let words = [
                "add", "web", "--start", "--ready-url", url, "--", "/bin/sh", "-c", "echo of the first >&2; exit 3",
            ]
            let first = try xpmd.finish(xpmd.startCtl(words))
            #expect(first.code == 5 && first.errors.contains("  of the first"))
            let told = try Tidings("told", of: xpmd)
            let code =
                "import socket, signal; s = socket.socket(); s.bind(('127.0.0.1', \(port))); s.listen(); "
                + "open('\(told.path)', 'w').write('1\\n'); signal.pause()"
            let stranger = try ChildProcess(
                ["python3", "-c", code], environment: xpmd.environment, folder: xpmd.workspace)
            _ = try told.line()
            let second = try xpmd.ctl("start", "web")
            #expect(
                second.code == 5 && second.errors.contains("port \(port) is in use by python3 (pid \(stranger.pid))"))
            // Said once, without lines of before, and without an option that changes nothing.
            #expect(second.errors.contains(":web: port") && !second.errors.contains("of the first"), "\(second.errors)")
            #expect(!second.errors.contains("--port") && second.errors.contains("--ready-any-listener"))
            // Until here it lives.
            withExtendedLifetime(stranger) {}
        }
    }

    /// The command is only in the PATH of the second shell.
    @Test func startTakesThisShellsEnvironmentWhereOnlyThatHasTheCommand() throws {
        try withInstance { xpmd in
            let venv = xpmd.scratch.folder("venv")
            try xpmd.scratch.file("venv/mytool", "#!/bin/sh\nexec sleep 1000\n", mode: 0o700)
            try #require(try xpmd.ctl("add", "tool", "--", "mytool").code == 0)
            try #require(try xpmd.ctl("add", "own", "--env", "PATH=/usr/bin:/bin", "--", "mytool").code == 0)
            #expect(try xpmd.ctl("start", "tool").code == 5)
            let active = ["PATH": "\(venv):/usr/bin:/bin", "MARK": "1"]
            let mended = try xpmd.ctl("start", "tool", environment: active)
            #expect(mended.code == 0 && mended.errors.contains("note: the command is in this shell's PATH"))
            let known = try xpmd.call(GetService(ServiceReference(parsing: "tool"))).definition
            #expect(known.environment?["MARK"] == "1")
            // One that has a PATH of its own keeps it.
            #expect(try xpmd.ctl("start", "own", environment: active).code == 5)
        }
    }

    @Test func inheritedDifferencesAreNamed() throws {
        try withInstance { xpmd in
            let words = ["add", "w", "--start", "--", "sleep", "1000"]
            try #require(try xpmd.finish(xpmd.startCtl(words)).code == 0)
            let other = ["CUDA_VISIBLE_DEVICES": "1", "TERM": "dumb", "SSH_TTY": "/dev/pts/1"]
            let again = try xpmd.finish(xpmd.startCtl(words, environment: other))
            #expect(again.code == 0 && again.errors.contains("it keeps running with CUDA_VISIBLE_DEVICES not set;"))
        }
    }

    @Test func eventsOfNobodyAreAnError() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "board", "--", "true").code == 0)
            let missing = try xpmd.ctl("events", "bord")
            #expect(missing.code == 3 && missing.errors.contains("xpmctl events board"), "\(missing.errors)")
            #expect(try xpmd.ctl("events", "bo*").output.contains(":board  added"))
            #expect(try xpmd.ctl("events", "no*").code == 3)
            // Those of a removed one are there.
            try #require(try xpmd.ctl("remove", "board").code == 0)
            let gone = try xpmd.ctl("events", "board")
            #expect(gone.code == 0 && gone.output.contains(":board  removed"))
            try #require(try xpmd.ctl("add", "other", "--", "true").code == 0)
            let elsewhere = try xpmd.ctl("events", "other", folder: xpmd.scratch.folder("elsewhere"))
            #expect(elsewhere.code == 0 && elsewhere.output.contains(":other  added"))
            #expect(elsewhere.errors.contains("note: this folder has no such service"))
        }
    }

    @Test func waitSaysThatItWaited() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "w", "--", "true").code == 0)
            let outcome = try xpmd.ctl("wait", "w")
            #expect(outcome.code == 5 && outcome.errors.hasPrefix("xpmctl: cannot wait for "), "\(outcome.errors)")
            #expect(outcome.errors.contains(":w to run: it has not been started"))
            #expect(outcome.errors.contains(":w` shows") && !outcome.errors.contains("NAME"))
        }
    }

    @Test func codesTellWhatIsMissing() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "plain", "--start", "--", "sleep", "1000").code == 0)
            #expect(try xpmd.ctl("url", "plain").code == 11)
            // One argument of the kernel's has 128 KiB at most.
            let words = Array(repeating: String(repeating: "x", count: 100_000), count: 12)
            let long = try xpmd.finish(xpmd.startCtl(["add", "long", "--", "echo"] + words))
            #expect(long.code == 10 && long.errors.contains("xpmd accepts 1048576"), "\(long.errors.suffix(300))")
            #expect(long.errors.contains("hint: put what is long into a file"))
            #expect(
                try xpmd.ctl("add", "p", "--port", "-1", "--", "true").errors.contains("takes a number from 1 to 65535")
            )
            #expect(try xpmd.ctl("add", "p", "--port", "-1", "--", "true").code == 64)
        }
    }

    @Test func oneServiceIsReportedOnce() throws {
        try withInstance { xpmd in
            for id in ["a1", "a2"] { try #require(try xpmd.ctl("add", id, "--", "true").code == 0) }
            let stopped = try xpmd.ctl("stop", "a1", "a*", "a1")
            #expect(stopped.errors.split(separator: "\n").count == 2, "\(stopped.errors)")
            #expect(try xpmd.ctl("remove", "a1", "a*", "a1").code == 0)
        }
    }

    /// The path of the folder is not UTF-8; an entry of the environment has no `=`.
    @Test func namesThatAreNoTextHoldUpOnlyWhatNeedsThem() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "here", "--", "true").code == 0)
            let code = """
                import ctypes, os, sys
                os.mkdir(b'd\\xe9'); os.chdir(b'd\\xe9')
                words = [word.encode() for word in sys.argv[1:]]
                environment = [k + b'=' + v for k, v in os.environb.items()] + [b'NOTHING']
                pointers = lambda texts: (ctypes.c_char_p * (len(texts) + 1))(*texts, None)
                ctypes.CDLL(None).execve(words[0], pointers(words), pointers(environment))
                """
            for (number, words) in [
                ["list"], ["daemon", "status"], ["add", "x", "--folder", "/", "--workspace", "/", "--", "true"],
            ]
            .enumerated() {
                let folder = xpmd.scratch.folder("odd\(number)")
                let errors = "\(xpmd.scratch.path)/odd.\(number)"
                let process = try ChildProcess(
                    ["python3", "-c", code, Binaries.xpmctl] + words, environment: xpmd.environment, folder: folder,
                    files: [1: ("/dev/null", O_WRONLY), 2: (errors, O_WRONLY | O_CREAT | O_TRUNC)])
                #expect(try process.wait() == .code(0), "\(words): \(text(of: errors))")
                #expect(text(of: errors).contains("'NOTHING'") == (words[0] == "add"))
            }
        }
    }

    @Test func pruneWithoutATerminalShowsItsOwnUsage() throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("state/logs/old/run")
            try xpmd.launch()
            try xpmd.scratch.file("state/logs/old/run/x.7.out", "old\n")
            let outcome = try xpmd.ctl("prune")
            #expect(outcome.code == 64 && outcome.errors.contains("cannot ask without a terminal"), "\(outcome.errors)")
            #expect(outcome.errors.contains("Usage: xpmctl prune") && outcome.output.isEmpty)
            let parameters = try xpmd.ctl("start", "a", "b", "--logdir", "x")
            #expect(parameters.code == 64 && parameters.errors.contains("Usage: xpmctl start"))
        }
    }

    @Test func newKeeperIsSaidToHaveCgroupsFromItsFirstMoment() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let first = try xpmd.status().cgroup
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            try xpmd.start("sleeper")
            #expect(try xpmd.status().cgroup == first)
            #expect(!text(of: xpmd.scratch.path + "/xpmd.log").contains("none was given"))
        }
    }

    /// It listens, so that connections are made, and answers none.
    @Test func silenceIsNotReportedAsARefusalOfBefore() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (go, port) = (try Tidings("go", of: xpmd), try ReadinessTests.freePort())
            let code = """
                import socket, signal
                open('\(go.path)').readline()
                s = socket.socket(); s.bind(('127.0.0.1', \(port))); s.listen(); signal.pause()
                """
            try xpmd.add(
                "web", ["python3", "-c", code], to: xpmd.open("lab"),
                readiness: Readiness(http: HTTPProbe(url: "http://127.0.0.1:\(port)/"), timeoutSeconds: 4))
            let tape = try EventTape(xpmd.socket)
            try xpmd.begin("web")
            try tape.await { $0.kind == .serviceChanged && $0.pid != nil }
            while try xpmd.service("web").waitingFor?.hasSuffix("Connection refused") != true { sched_yield() }
            try go.letGo()
            let error = try xpmd.wait("web", for: .ended).error
            #expect(error?.hasSuffix("to answer: no answer yet") == true, "\(error ?? "")")
        }
    }
}
