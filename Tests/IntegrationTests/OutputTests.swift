import CLinux
import Glibc
import SeededRandom
import Testing
import XPMProtocol

/// Whatever a service does with its output, every line of it is in its logs.
@Suite struct OutputTests {
    /// A way of writing, and what must be in the logs then.
    struct Way: CustomTestStringConvertible, Sendable {
        var name: String
        var script: String
        var stdout = ""
        var stderr = ""

        var testDescription: String { name }
    }

    private static let python = #"""
        import os, sys
        print("first", flush=True)
        with open("/dev/stdout", "w") as again: again.write("again\n")
        with open("/dev/stderr", "w") as again: again.write("error\n")
        with open("/proc/self/fd/1", "r+b", buffering=0) as again: again.write(b"both\n")
        os.write(1, b"last\n")
        """#

    /// As Fortran's runtime opens a file again that it finds in its unit 6.
    private static let fortran = #"""
        import os
        os.write(1, b"first\n")
        for flags in os.O_RDWR | os.O_CREAT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDWR | os.O_APPEND:
            again = os.open("/dev/stdout", flags, 0o666)
            for change in (lambda: os.ftruncate(again, 0)), (lambda: os.lseek(again, 0, os.SEEK_END)):
                try: change()
                except OSError: pass
            os.write(again, b"again\n")
            os.close(again)
        """#

    private static let node = #"""
        const fs = require("fs");
        console.log("first"); console.error("error");
        fs.writeFileSync("/dev/stdout", "again\n"); fs.writeFileSync("/dev/stderr", "anew\n");
        fs.createWriteStream("/dev/stdout").end("streamed\n", () => process.stdout.write("last\n"));
        """#

    static let ways = ownWays + (hasNode ? [nodeWay] : [])
    private static let hasNode = ["/usr/bin/node", "/usr/local/bin/node"].contains { (path: String) in
        access(path, X_OK) == 0
    }
    private static let nodeWay = Way(
        name: "node", script: "exec node -e '\(node)'", stdout: "first\nagain\nstreamed\nlast\n",
        stderr: "error\nanew\n")
    private static let ownWays = [
        Way(name: "plain", script: "echo a; echo b >&2; echo c", stdout: "a\nc\n", stderr: "b\n"),
        Way(
            name: "opened anew", script: "echo a; echo b >/dev/stdout; echo c >/dev/stderr; echo d",
            stdout: "a\nb\nd\n", stderr: "c\n"),
        Way(
            name: "opened by number", script: "echo a; echo b >/proc/self/fd/1; echo c >/dev/fd/2; echo d",
            stdout: "a\nb\nd\n", stderr: "c\n"),
        Way(name: "tee", script: "echo a; echo b | tee /dev/stderr; echo c", stdout: "a\nb\nc\n", stderr: "b\n"),
        Way(
            name: "appended", script: "echo a; echo b >>/dev/stdout; echo c >>/dev/stderr", stdout: "a\nb\n",
            stderr: "c\n"),
        Way(name: "swapped", script: "exec 3>&1 1>&2 2>&3; echo a; echo b >&2", stdout: "b\n", stderr: "a\n"),
        Way(name: "both in one", script: "exec 2>&1; echo a; echo b >&2; echo c", stdout: "a\nb\nc\n"),
        Way(name: "closed and opened", script: "exec 4>&1; exec 1>&-; echo a >&4; exec 1>&4; echo b", stdout: "a\nb\n"),
        Way(name: "grandchild", script: "( ( echo a; echo b >&2 ) & wait ); echo c", stdout: "a\nc\n", stderr: "b\n"),
        Way(
            name: "truncating", script: ": >/dev/stdout; echo a; truncate -s 0 /proc/self/fd/1 2>/dev/null; echo b",
            stdout: "a\nb\n"),
        Way(name: "dd", script: "printf 'a\\nb\\n' | dd of=/dev/stdout status=none; echo c", stdout: "a\nb\nc\n"),
        Way(name: "no newline", script: "printf a; printf b >&2", stdout: "a", stderr: "b"),
        Way(name: "nothing", script: ":"),
        Way(
            name: "python", script: "exec python3 -c '\(python)'", stdout: "first\nagain\nboth\nlast\n",
            stderr: "error\n"),
        Way(name: "python that buffers", script: "exec python3 -c 'print(\"a\"); print(\"b\")'", stdout: "a\nb\n"),
        Way(
            name: "a megabyte in a line", script: "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end",
            stdout: String(repeating: "x", count: 1_000_000) + "\nend\n"),
        Way(
            name: "fortran", script: "exec python3 -c '\(fortran)'",
            stdout: "first\n" + String(repeating: "again\n", count: 3)),
        Way(name: "zeros", script: "printf 'a\\0b\\n'", stdout: "a\0b\n"),
        Way(name: "other encodings", script: "printf 'caf\\351\\n'", stdout: "caf\u{FFFD}\n"),
    ]

    @Test(arguments: ways) func everyWayKeepsEveryLine(way: Way) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.addScript("writer", way.script, to: xpmd.open("lab"))
            try xpmd.begin("writer")
            #expect(try xpmd.wait("writer", for: .ended).state == .stopped)
            #expect(try whole(xpmd, .stdout) == way.stdout)
            #expect(try whole(xpmd, .stderr) == way.stderr)
        }
    }

    /// All that a stream's log has.
    private func whole(_ xpmd: Instance, _ stream: ServiceLogs.Stream) throws -> String {
        var (text, offset) = ("", Int64(0))
        while true {
            let piece = try xpmd.call(
                ServiceLogs(ServiceReference(id: "writer"), stream: stream, offset: offset, waitSeconds: 0)
            ).piece
            text += piece.text
            if piece.next == offset { return text }
            offset = piece.next
        }
    }

    @Test func fiftyChildrenLoseNoLine() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let script = "for c in $(seq 50); do ( for n in $(seq 200); do echo $c $n; done ) & done; wait"
            try xpmd.addScript("writer", script, to: xpmd.open("lab"))
            try xpmd.begin("writer")
            try xpmd.wait("writer", for: .ended)
            var last: [Substring: Int] = [:]
            let lines = try whole(xpmd, .stdout).split(separator: "\n")
            #expect(lines.count == 10_000)
            for line in lines {
                let words = line.split(separator: " ")
                #expect(words.count == 2 && Int(words[1]) == last[words[0], default: 0] + 1, "\(line)")
                last[words[0]] = Int(words[1])
            }
        }
    }

    /// SIGKILL to each of ours, alone and together, while a service writes and its log is rotated.
    @Test func nothingIsLostDoubledOrTornWhoeverIsKilled() throws {
        let lines = Int(environment("XPM_LOG_LINES") ?? "") ?? 50_000
        try withInstance { xpmd in
            try xpmd.launch()
            let end = try Tidings("end", of: xpmd)
            let (trace, enough) = (xpmd.scratch.path + "/trace", xpmd.scratch.path + "/enough")
            // It writes until the last one was killed, a line a system call.
            let loop =
                "n=0; until [ -e \(enough) ] && [ $n -ge \(lines) ]; do n=$((n+1)); echo $n; done; echo $n >\(end.path)"
            let script = "strace -f -qq -o \(trace) -e trace=none -e signal=pipe sh -c '\(loop)'; exec sleep 1000"
            try xpmd.addScript("writer", script, to: xpmd.open("lab")) {
                $0.log = LogPolicy(maximumBytes: 256 << 10, keep: 1000)
            }
            try xpmd.start("writer")
            var random = SeededRandom(seed: SeededRandom.seed)
            for _ in 0..<20 {
                for victim in ["xpm-logger", "xpm-keeper", "xpmd"].shuffled(using: &random).prefix(
                    Int.random(in: 1...3, using: &random))
                { kill(victim, of: xpmd) }
                // Each call starts what is missing.
                _ = try xpmd.ctl("list")
            }
            close(open(enough, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
            let written = try #require(Int(try end.line()))
            #expect(written >= lines)
            let numbers = try whole(xpmd, .stdout).split(separator: "\n").map { Int($0) }
            #expect(numbers.count == written, "seed \(SeededRandom.seed)")
            #expect(zip(numbers, 1...).first { $0 != $1 } == nil, "seed \(SeededRandom.seed)")
            #expect(text(of: trace).isEmpty, "no SIGPIPE")
            let path = try #require(try xpmd.service("writer").stdout)
            #expect(access(path + ".1", F_OK) == 0)
        }
    }

    private func kill(_ program: String, of xpmd: Instance) {
        for pid in Processes.mentioning(xpmd.scratch.path)
        where Processes.commandLine(of: pid).split(separator: " ").first?.hasSuffix("/" + program) == true {
            Glibc.kill(pid, SIGKILL)
        }
    }

    private func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
