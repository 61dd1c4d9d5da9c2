import Glibc
import Testing
import XPMProtocol

/// The user has no inotify left: xpmd runs in a user namespace with limits of its own.
@Suite(.enabled(if: UserNamespace.isAllowed, "the machine lets nobody make user namespaces"))
struct InotifyLimitTests {
    /// What is limited, and what people know it by.
    struct Limit: CustomTestStringConvertible, Sendable {
        var name: String
        var count: Int
        var setting: String
        /// Whether there is too little for logs; else the folders of sockets alone are not watched.
        var isForFiles = true
        var testDescription: String { "\(name) \(count)" }

        static let all = [
            Limit(name: "max_inotify_instances", count: 0, setting: "fs.inotify.max_user_instances"),
            // That one is for logs.
            Limit(
                name: "max_inotify_instances", count: 1, setting: "fs.inotify.max_user_instances", isForFiles: false),
            Limit(name: "max_inotify_watches", count: 0, setting: "fs.inotify.max_user_watches"),
            // Some folders have one.
            Limit(name: "max_inotify_watches", count: 4, setting: "fs.inotify.max_user_watches"),
        ]
    }

    /// A service that says that it is ready when it is let go, and then each word that it is told.
    private func addReader(_ xpmd: Instance) throws -> (begun: Tidings, words: Tidings) {
        let (begun, words) = (try Tidings("begun", of: xpmd), try Tidings("words", of: xpmd))
        try xpmd.addScript(
            "reader", "echo begun >'\(begun.path)'; while read word; do echo $word; done <'\(words.path)'",
            to: xpmd.open("lab"), readiness: Readiness(log: LogPattern("^ready"), timeoutSeconds: 90))
        return (begun, words)
    }

    @Test(arguments: Limit.all) func logsAreReadAsTheyGrow(limit: Limit) throws {
        try withInstance { xpmd in
            try xpmd.limit(limit.name, to: limit.count)
            try xpmd.launch()
            let (begun, words) = try addReader(xpmd)
            try xpmd.begin("reader")
            _ = try begun.line()
            // The keeper has told of its start, and what is saved after that is saved after its readiness is watched.
            _ = try xpmd.call(ListServices(usage: true))
            try xpmd.addScript("other", "exec sleep 1000", to: xpmd.open("lab"))
            #expect(try xpmd.service("reader").state == .starting)
            #expect(try xpmd.status().watchFault?.contains(limit.setting) == true)
            try words.write("ready\n")
            #expect(try xpmd.wait("reader", for: .running).state == .running)
            // Followed from the beginning on, and as it grows.
            let seen = try Tidings("seen", of: xpmd)
            let follower = try xpmd.startCtl(["logs", "reader", "-f", "--stdout"], output: seen.path)
            defer { follower.process.kill() }
            #expect(try seen.line() == "ready")
            for word in ["one", "two"] {
                try words.write("\(word)\n")
                #expect(try seen.line() == word)
            }
            #expect(try xpmd.stop("reader").state == .stopped)
            // Said once, whatever is looked at.
            let log = text(of: xpmd.scratch.path + "/xpmd.log")
            #expect(
                log.split(separator: "\n").count { $0.contains("looks at some files") } == (limit.isForFiles ? 1 : 0),
                "\(log)")
            #expect(log.contains(limit.setting))
            #expect(try xpmd.ctl("daemon", "status").output.contains(limit.setting))
        }
    }

    @Test(arguments: Limit.all) func whatIsSweptAwayComesBack(limit: Limit) throws {
        try withInstance { xpmd in
            try xpmd.limit(limit.name, to: limit.count)
            try xpmd.launch()
            let begun = try Tidings("begun", of: xpmd)
            let gate = try Tidings("gate", of: xpmd)
            let code = """
                import os, socket, signal
                open('\(begun.path)', 'w').write('begun\\n'); open('\(gate.path)').readline()
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['NOTIFY_SOCKET'])
                s.send(b'READY=1'); signal.pause()
                """
            try xpmd.add(
                "speaker", ["python3", "-c", code], to: xpmd.open("lab"),
                readiness: Readiness(notify: true, timeoutSeconds: 90))
            let attempt = try #require(try xpmd.begin("speaker").attempt)
            _ = try begun.line()
            let before = try xpmd.status()
            try ChildProcess(["rm", "-rf", xpmd.runtime], environment: xpmd.serviceEnvironment).wait()
            for path in ["xpmd.sock", "xpmd.lock", "keeper.sock", "notify/\(attempt)"] {
                let path = "\(xpmd.runtime)/\(path)"
                let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
                try awaitChange(in: folder) { access(path, F_OK) == 0 }
            }
            try gate.letGo()
            #expect(try xpmd.wait("speaker", for: .running).state == .running)
            let after = try xpmd.status()
            #expect(after.pid == before.pid && after.keeperPid == before.keeperPid)
            try xpmd.crash()
            try xpmd.launch()
            #expect(try xpmd.status().keeperPid == before.keeperPid)
            #expect(try xpmd.stop("speaker").state == .stopped)
        }
    }

    @Test(arguments: Limit.all) func lostDatabaseIsNoticed(limit: Limit) throws {
        try withInstance { xpmd in
            try xpmd.limit(limit.name, to: limit.count)
            try xpmd.launch()
            try xpmd.addScript("sleeper", "exec sleep 1000", to: xpmd.open("lab"))
            let database = xpmd.state + "/xpmd.sqlite"
            unlink(database)
            try awaitChange(in: xpmd.state) { access(database, F_OK) == 0 }
            // What is saved now is saved after that was noticed.
            try xpmd.open("after")
            #expect(try xpmd.status().storageNote?.contains("rebuilt") == true)
        }
    }

    @Test(arguments: Limit.all) func inotifyIsTakenUpAgain(limit: Limit) throws {
        try withInstance { xpmd in
            try xpmd.limit(limit.name, to: limit.count)
            try xpmd.launch()
            let (_, words) = try addReader(xpmd)
            try xpmd.begin("reader")
            try words.write("ready\n")
            #expect(try xpmd.wait("reader", for: .running).state == .running)
            try xpmd.changeLimit(limit.name, to: 1000)
            // Files, folders, or both: who comes first has what there is.
            let log = xpmd.scratch.path + "/xpmd.log"
            try awaitLine(in: log) { try xpmd.status().watchFault == nil }
            #expect(text(of: log).contains("watched by inotify again"))
            let seen = try Tidings("seen", of: xpmd)
            let follower = try xpmd.startCtl(["logs", "reader", "-f", "--stdout"], output: seen.path)
            defer { follower.process.kill() }
            #expect(try seen.line() == "ready")
            try words.write("more\n")
            #expect(try seen.line() == "more")
            let folder = xpmd.runtime
            try ChildProcess(["rm", "-rf", folder], environment: xpmd.serviceEnvironment).wait()
            for name in ["xpmd.sock", "keeper.sock"] {
                try awaitChange(in: folder) { access("\(folder)/\(name)", F_OK) == 0 }
            }
            #expect(try xpmd.status().watchFault == nil)
            #expect(try xpmd.stop("reader").state == .stopped)
        }
    }
}
