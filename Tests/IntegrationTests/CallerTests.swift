import CLinux
import Glibc
import Testing
import XPMProtocol

/// What xpmd and its services have of whoever started them.
struct CallerTests {
    /// Runs xpmctl as a shell does after `preparation`.
    private func ctl(_ xpmd: Instance, after preparation: String, _ command: String) throws {
        let errors = "\(xpmd.scratch.path)/errors-\(xpmd.scratch.number())"
        let child = try ChildProcess(
            ["/bin/sh", "-c", "\(preparation)\nexec $prefix \(Binaries.xpmctl) \(command)"],
            environment: xpmd.environment, folder: xpmd.workspace, files: [2: (errors, O_WRONLY | O_CREAT)])
        guard try child.wait() == .code(0) else { throw TestFailure("\(command): \(text(of: errors))") }
    }

    private func line(_ field: String, of path: String) -> String {
        text(of: path).split(separator: "\n").first { $0.hasPrefix(field) }.map(String.init) ?? ""
    }

    private let first =
        "umask 077; ulimit -S -n 200; ulimit -S -f 1000; ulimit -S -c 0; exec 9>held; flock 9; prefix='nice -n 7'"

    @Test func theDaemonHasNothingOfItsFirstCaller() throws {
        try withInstance { xpmd in
            try ctl(xpmd, after: first + "; echo 300 > /proc/self/oom_score_adj", "daemon start")
            let status = try xpmd.status()
            for pid in [status.pid, try #require(status.keeperPid)] {
                #expect(text(of: "/proc/\(pid)/oom_score_adj") == "0\n")
                #expect(realpath("/proc/\(pid)/cwd").map { $0 == "/" } == true)
                let limit = line("Max file size", of: "/proc/\(pid)/limits").split(separator: " ")
                #expect(limit.dropFirst(3).first == limit.dropFirst(4).first, "\(limit)")
                if geteuid() == 0 { #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), id_t(pid)) == 0) }
            }
            // A lock that an inherited descriptor holds would never be free again.
            let held = open(xpmd.workspace + "/held", O_RDWR | O_CLOEXEC)
            defer { close(held) }
            #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
        }
    }

    @Test func eachServiceHasWhatItsOwnCallerHad() throws {
        try withInstance { xpmd in
            try ctl(xpmd, after: first, "daemon start")
            let script =
                "umask; ulimit -S -n; ulimit -S -f; nice; grep Cpus_allowed_list /proc/self/status; exec sleep 1000"
            func add(_ id: String, _ preparation: String) throws -> [Substring] {
                let begun = try Tidings("begun-\(id)", of: xpmd)
                try ctl(
                    xpmd, after: preparation,
                    "add \(id) --start -- sh -c '(\(script.replacing("exec sleep 1000", with: "true"))) ; echo > \(begun.path); exec sleep 1000'"
                )
                _ = try begun.line()
                return try xpmd.log(id).split(separator: "\n")
            }
            let narrow = try add(
                "narrow", "umask 027; ulimit -S -n 333; ulimit -S -f 5000; prefix='nice -n 3 taskset -c 0'")
            #expect(narrow == ["0027", "333", "5000", "3", "Cpus_allowed_list:\t0"], "\(narrow)")
            let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
            let plain = try add("plain", "umask 022")
            #expect(plain.first == "0022" && plain[3] == "\(own)", "\(plain)")
            #expect(plain.last == Substring(line("Cpus_allowed_list", of: "/proc/self/status")))
        }
    }

    /// As a daemon of another machine, or an older one, or another program has it.
    @Test func withoutACallerAServiceHasTheSettingsOfALogin() throws {
        try withInstance { xpmd in
            try ctl(xpmd, after: first, "daemon start")
            try xpmd.add("plain", ["sleep", "1000"], to: xpmd.open("lab"))
            let pid = try #require(try xpmd.start("plain").pid)
            #expect(line("Umask", of: "/proc/\(pid)/status") == "Umask:\t0022")
            #expect(text(of: "/proc/\(pid)/status").contains("\nSigIgn:\t0000000000000000\n"))
        }
    }

    @Test(arguments: [
        (CallerSettings(umask: 512), "umask"), (CallerSettings(nice: 20), "nice"), (CallerSettings(cpus: "3-1"), "3-1"),
        (CallerSettings(cpus: "0-99999"), "0-99999"), (CallerSettings(cpus: ""), "processors"),
        (CallerSettings(rlimits: ["files": [1, 1]]), "files"), (CallerSettings(rlimits: ["nofile": [1]]), "nofile"),
        (CallerSettings(rlimits: ["nofile": [-2, 1]]), "nofile"), (CallerSettings(oomScore: 1001), "OOM score"),
    ])
    func whatCannotBeIsRefused(caller: CallerSettings, named: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let error = #expect(throws: WireError.self) {
                try xpmd.addScript("bad", "true", to: xpmd.open("lab")) { $0.caller = caller }
            }
            #expect(error?.code == .invalidParameters && error?.message.contains(named) == true)
        }
    }
}

private func realpath(_ path: String) -> String? {
    guard let text = Glibc.realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
}
