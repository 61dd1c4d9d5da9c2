import Glibc
import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMCommands

struct DoctorTests {
    private func status(_ change: (inout DaemonStatus.Reply) -> Void = { _ in }) -> DaemonStatus.Reply {
        var status = DaemonStatus.Reply(
            version: "0.2.0", pid: 10, keeperPid: 11, startedAt: Samples.moment, instance: "i1", socket: "/s",
            stateFolder: "/t", services: [:], lastEvent: 3, connections: 1, storageFault: nil)
        change(&status)
        return status
    }

    private func verdicts(_ findings: [Finding]) -> [String] { findings.map { "\($0.check): \($0.verdict)" } }

    // MARK: Programs

    @Test func missingProgramsAreAFaultAndAMissingPageANote() {
        func findings(_ missing: [String], _ version: String? = "1") -> [Finding] {
            ProgramChecks.findings(.init(folder: "/b", missing: missing, version: version), own: "1")
        }
        #expect(findings([]) == [.ok("programs", "1 in /b")])
        #expect(verdicts(findings(["xpm-keeper", "xpm-web"])) == ["programs: fault"])
        #expect(findings(["xpm-keeper", "xpm-web"])[0].text == "xpm-keeper, xpm-web are missing in /b")
        #expect(verdicts(findings(["xpm-web"])) == ["programs: note"])
        #expect(verdicts(findings([], nil)) == ["programs: fault"])
        #expect(verdicts(findings([], "2")) == ["programs: note"])
    }

    // MARK: xpmd

    @Test func wellDaemonHasNoFaults() {
        let findings = DaemonChecks.findings(.status(status()), installed: "0.2.0")
        #expect(verdicts(findings) == ["xpmd: ok", "keeper: ok", "logger: ok", "state folder: ok"])
    }

    @Test func anotherVersionThanTheInstalledOneIsANote() {
        let finding = DaemonChecks.findings(.status(status()), installed: "0.3.0")[0]
        #expect(finding.verdict == .note && finding.remedy == "`xpmctl daemon reexec`; services keep running")
    }

    @Test func whatXpmdSaysOfItselfIsAFault() {
        let broken = status {
            ($0.keeperFault, $0.loggerFault, $0.storageFault) = ("does not answer", "it is not there", "disk full")
            ($0.settingsFault, $0.strays) = ("cannot use the settings", 2)
        }
        #expect(
            verdicts(DaemonChecks.findings(.status(broken), installed: nil)) == [
                "xpmd: ok", "keeper: fault", "logger: fault", "state folder: fault", "settings: fault", "strays: note",
            ])
        let alone = status { $0.keeperPid = nil }
        #expect(verdicts(DaemonChecks.findings(.status(alone), installed: nil)).contains("keeper: fault"))
    }

    // MARK: The machine

    @Test(arguments: [(nil, "ok"), (true, "ok"), (false, "note")] as [(Bool?, String)])
    func servicesThatEndWithTheSessionAreANote(isOn: Bool?, verdict: String) {
        #expect(MachineChecks.linger(isOn).verdict.rawValue == verdict)
    }

    @Test func missingControllersAreNamed() {
        #expect(MachineChecks.cgroups(status()).verdict == .note)
        let some = MachineChecks.cgroups(status { ($0.cgroup, $0.controllers) = ("/a", ["pids"]) })
        #expect(some.verdict == .note && some.text.contains("cpu, memory"))
        let all = status { ($0.cgroup, $0.controllers) = ("/a", ["cpu", "io", "memory", "pids"]) }
        #expect(MachineChecks.cgroups(all).verdict == .ok)
    }

    @Test func fewWatchesAreANote() {
        #expect(MachineChecks.inotify(watches: 524_288, instances: 1024, fault: nil).verdict == .ok)
        #expect(MachineChecks.inotify(watches: 8192, instances: 128, fault: nil).verdict == .note)
        #expect(MachineChecks.inotify(watches: 524_288, instances: 1024, fault: "none left").text == "none left")
    }

    @Test(arguments: [
        (NamespaceCheck.Settings(clone: 0), "kernel.unprivileged_userns_clone=1"),
        (NamespaceCheck.Settings(clone: 1, most: 0), "user.max_user_namespaces=15000"),
        (NamespaceCheck.Settings(most: 1, mostNetworks: 0), "user.max_net_namespaces=15000"),
        (NamespaceCheck.Settings(most: 1, restricted: 1), "kernel.apparmor_restrict_unprivileged_userns=0"),
        (NamespaceCheck.Settings(most: 1), "seccomp"),
    ])
    func settingThatForbidsNamespacesIsNamed(settings: NamespaceCheck.Settings, word: String) {
        let finding = NamespaceCheck.finding(.ended(1, ""), settings)
        #expect(finding.verdict == .note && finding.remedy?.contains(word) == true, "\(finding)")
        #expect(NamespaceCheck.finding(.ended(0, ""), settings).verdict == .ok)
    }

    // MARK: The web page

    private func web(_ state: ServiceState, _ change: (inout WebRecord) -> Void = { _ in }) -> WebRecord {
        var web = WebRecord(state: state, listen: "localhost", service: ServiceReference(id: "web"))
        change(&web)
        return web
    }

    @Test func pageThatFailsIsAFaultAndATakenPortANote() {
        let failing = WebChecks.page(web(.error) { $0.error = "python3 has the port" }, kept: 8642, .taken)
        #expect(failing.verdict == .fault && failing.text == "python3 has the port")
        #expect(WebChecks.page(nil, kept: nil, .none).verdict == .ok)
        #expect(WebChecks.page(nil, kept: 8642, .free).verdict == .ok)
        let taken = WebChecks.page(nil, kept: 8642, .taken)
        #expect(taken.verdict == .note && taken.remedy?.contains("sport = :8642") == true)
        #expect(WebChecks.page(web(.running) { $0.url = "http://localhost:8642/" }, kept: 8642, .taken).verdict == .ok)
        #expect(WebChecks.page(web(.running) { $0.isOutdated = true }, kept: 8642, .taken).verdict == .note)
    }

    @Test(arguments: [
        (Trial.Outcome.ended(0, "127.0.0.1       STREAM xpmd-doctor.localhost\n"), Finding.Verdict.ok),
        (.ended(0, "::1             STREAM x\n::1             DGRAM\n127.0.0.1   STREAM\n"), .ok),
        (.ended(0, "203.0.113.9     STREAM x\n"), .note), (.ended(2, ""), .note), (.tookTooLong, .note),
        (.missing, .note),
    ])
    func namesBelowLocalhostNeedNoResolver(outcome: Trial.Outcome, verdict: Finding.Verdict) {
        #expect(WebChecks.names(outcome).verdict == verdict)
    }

    // MARK: Python

    @Test func pythonWithoutThePackageIsANote() {
        func finding(_ outcome: Trial.Outcome) -> Finding { PythonCheck.finding("/p/python3", outcome, own: "1") }
        #expect(finding(.ended(0, "1\n/p/xpmd/__init__.py\n")).verdict == .ok)
        #expect(finding(.ended(0, "2\n/p/xpmd/__init__.py\n")).text == "/p/python3 has xpmd 2, this is 1")
        #expect(finding(.ended(1, "")).remedy == "`/p/python3 -m pip install ./protocol/python` in the sources of xpmd")
        #expect(finding(.ended(0, "hello\nworld\n1\n")).verdict == .note)
        #expect(PythonCheck.finding(nil, .missing).verdict == .note)
    }

    // MARK: Trials

    @Test func trialIsLimitedInTimeAndOutput() {
        let environment = ["PATH": "/usr/bin:/bin"]
        #expect(Trial.run(["sh", "-c", "echo hello; exit 3"], environment) == .ended(3, "hello\n"))
        #expect(Trial.run(["xpm-nothing"], environment) == .missing)
        #expect(Trial.run(["sleep", "1000"], environment, within: .milliseconds(1)) == .tookTooLong)
        guard case .ended(_, let text) = Trial.run(["yes"], environment) else {
            Issue.record("its output has no end")
            return
        }
        #expect(text.hasPrefix("y\n") && text.utf8.count < 1 << 17)
    }

    // MARK: The whole of it

    @Test func findingsAreLinesAndObjects() async throws {
        let reply = status { $0.version = ProtocolVersion.product }
        try await Xpmctl.with({ $0.method == "daemon.status" ? [.reply(reply)] : [] }) {
            (xpmctl: Xpmctl) async throws in
            var xpmctl = xpmctl
            // What is found by way of PATH is what the test says.
            let tools = xpmctl.scratch("tools")
            mkdir(tools, 0o700)
            symlink("/bin/true", tools + "/unshare")
            symlink("/bin/false", tools + "/getent")
            xpmctl.environment["PATH"] = tools
            let result = try await xpmctl.run("doctor")
            #expect(result.err.isEmpty, "\(result)")
            let lines = result.out.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("ok     xpmd") || $0.hasPrefix("ok    xpmd") }, "\(result.out)")
            #expect(lines.contains { $0.contains("services may have private networks") })
            #expect(lines.contains { $0.hasPrefix("note") && $0.contains("*.localhost is not known here") })
            #expect(lines.contains { $0.hasPrefix("note") && $0.contains("no python3 in PATH") })
            let json = try await xpmctl.run("doctor", "-o", "json")
            let found = try Wire.decode([[String: String]].self, from: Array(json.out.utf8))
            #expect(found.contains { $0["check"] == "xpmd" && $0["verdict"] == "ok" })
            #expect(found.allSatisfy { ["ok", "note", "fault"].contains($0["verdict"]) })
            #expect(json.code == (found.contains { $0["verdict"] == "fault" } ? 1 : 0))
        }
    }

    @Test func faultEndsItWithOne() async throws {
        let reply = status { $0.storageFault = "disk full" }
        try await Xpmctl.with({ $0.method == "daemon.status" ? [.reply(reply)] : [] }) {
            (xpmctl: Xpmctl) async throws in
            let result = try await xpmctl.run("doctor")
            #expect(result.code == 1 && result.out.contains("disk full"), "\(result)")
        }
    }

    @Test func missingDaemonIsNotStarted() async throws {
        try await Xpmctl.with({ _ in [] }) { (xpmctl: Xpmctl) async throws in
            xpmctl.daemon.stop()
            let result = try await xpmctl.run("doctor", "--socket", xpmctl.scratch("other.sock"))
            #expect(result.out.contains("it is not running"), "\(result)")
        }
    }
}
