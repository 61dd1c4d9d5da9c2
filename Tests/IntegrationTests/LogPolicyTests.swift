import Glibc
import Testing
import XPMProtocol

/// What becomes of a service's output as its definition says.
struct LogPolicyTests {
    private func page(_ xpmd: Instance, _ id: String) throws -> ServiceLogs.Page {
        let request = try ServiceLogs(ServiceReference(parsing: id), streams: [.stdout, .stderr], lines: 1000)
        guard case .page(let page) = try xpmd.call(request) else { throw TestFailure("no page") }
        return page
    }

    @Test func serviceMayHaveItsFilesItself() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (begun, gate) = (try Tidings("begun", of: xpmd), try Tidings("gate", of: xpmd))
            // Whoever opens /dev/stdout anew empties a file, and no pipe.
            let script = """
                files=$(readlink /proc/$$/fd/1 /proc/$$/fd/2); echo "$files" > \(begun.path); echo gone; echo err >&2; echo two > /dev/stdout
                echo > \(begun.path); read go < \(gate.path); echo three; echo > \(begun.path); exec sleep 1000
                """
            try xpmd.addScript("own", script, to: xpmd.open("lab")) { $0.log = LogPolicy(.direct) }
            let record = try xpmd.start("own")
            let (stdout, stderr) = (try #require(record.stdout), try #require(record.stderr))
            let files = [try begun.line(), try begun.line()]
            #expect(files == [stdout, stderr])
            _ = try begun.line()
            #expect(text(of: stdout) == "two\n" && text(of: stderr) == "err\n")
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.killKeeper()
            try gate.letGo()
            _ = try begun.line()
            #expect(text(of: stdout) == "two\nthree\n")
            #expect(try xpmd.service("own").pid == record.pid)
            let page = try page(xpmd, "own")
            #expect(Set(page.entries.map(\.text)) == ["two", "three", "err"], "\(page)")
            #expect(page.entries.allSatisfy { $0.isEstimated })
            #expect(try xpmd.ctl("logs", "own", "--stdout").output == "two\nthree\n")
            for path in [stdout, stderr] {
                #expect(access(path + ".times", F_OK) != 0 && access(path + ".1", F_OK) != 0)
            }
            #expect(try xpmd.ctl("inspect", "own").output.contains(/\nlog.to +direct\n/))
        }
    }

    @Test func filesMayChangeHandsBetweenAttempts() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let path = xpmd.scratch.path + "/train.log"
            for (number, target) in [LogPolicy.Target.files, .direct, .files].enumerated() {
                var definition = ServiceDefinition(
                    run: .command(["/bin/sh", "-c", "echo line \(number)"]), environment: xpmd.serviceEnvironment)
                definition.log = LogPolicy(target, stdout: path, stderr: "/dev/null")
                try xpmd.call(AddService(to: run, id: "train", definition: definition, update: true))
                try xpmd.begin("train")
                try xpmd.wait("train", for: .ended)
                let page = try page(xpmd, "train")
                let lines = page.entries.filter { !$0.isNote }.map(\.text)
                #expect(lines == (0...number).map { "line \($0)" }, "\(target): \(page)")
            }
        }
    }

    /// Its file was made two hours ago, as its record of times says from now on.
    private func age(_ path: String, _ xpmd: Instance) throws {
        let code = """
            import struct, sys, zlib
            with open(sys.argv[1], "r+b") as file:
                header = bytearray(file.read(64))
                created, flags = struct.unpack_from("<qI", header, 48)
                struct.pack_into("<qI", header, 48, created - 7200 * 10**6, flags & ~1)
                struct.pack_into("<I", header, 60, zlib.crc32(header[:60]))
                file.seek(0)
                file.write(header)
            """
        let child = try ChildProcess(["python3", "-c", code, path + ".times"], environment: xpmd.environment)
        guard case .code(0) = try child.wait() else { throw TestFailure("cannot change \(path).times") }
    }

    @Test(arguments: [(3600, true), (10_000, false), (0, false)])
    func oldFileIsRotatedOnceMoreIsWritten(seconds: Double, isRotated: Bool) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let path = xpmd.workspace + "/out"
            let added = try xpmd.ctl(
                "add", "daily", "--log-max-age", "\(Int(seconds))", "--log-stdout", path, "--", "/bin/sh", "-c",
                "echo $XPM_ATTEMPT")
            #expect(added.code == 0, "\(added)")
            try xpmd.begin("daily")
            try xpmd.wait("daily", for: .ended)
            #expect(try page(xpmd, "daily").entries.count == 1)
            let first = text(of: path)
            try age(path, xpmd)
            try xpmd.begin("daily")
            try xpmd.wait("daily", for: .ended)
            #expect(try page(xpmd, "daily").entries.count == 2)
            #expect(text(of: path + ".1") == (isRotated ? first : ""))
            #expect(text(of: path).hasPrefix(first) == !isRotated && text(of: path) != first)
        }
    }

    @Test func eachAttemptBeginsAFreshFileAndCommandsOfAnAttemptDoNot() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let told = try Tidings("told", of: xpmd)
            let run = try xpmd.open("lab")
            try xpmd.addScript("fails", "echo out $XPM_ATTEMPT; echo err >&2; exit 4", to: run) {
                $0.onFailure = [
                    "/bin/sh", "-c", "out=$(readlink /proc/$$/fd/1); echo command; echo $out > \(told.path)",
                ]
                $0.log = LogPolicy(fresh: true)
            }
            for attempt in 1...2 {
                try xpmd.begin("fails")
                let output = try told.line()
                #expect(output.hasPrefix("pipe:"))
                let record = try xpmd.wait("fails", for: .ended)
                let (stdout, stderr) = (try #require(record.stdout), try #require(record.stderr))
                // What was written by then is in the files once a request has been answered.
                var page = try page(xpmd, "fails")
                for _ in 0..<3 where page.entries.filter({ $0.text == "command" }).count < attempt {
                    var request = ServiceLogs(ServiceReference(id: "fails"), streams: [.stdout, .stderr])
                    (request.cursor, request.waitSeconds) = (page.cursor, 10)
                    guard case .page(let next) = try xpmd.call(request) else { throw TestFailure("no page") }
                    (page.entries, page.cursor) = (page.entries + next.entries, next.cursor)
                }
                #expect(page.entries.count == 3 * attempt, "\(page)")
                #expect(text(of: stdout).split(separator: "\n").count == 1)
                #expect(text(of: stderr) == "err\ncommand\n")
                #expect((access(stdout + ".1", F_OK) == 0) == (attempt == 2))
                #expect(text(of: stderr + ".1") == (attempt == 2 ? "err\ncommand\n" : ""))
            }
        }
    }
}
