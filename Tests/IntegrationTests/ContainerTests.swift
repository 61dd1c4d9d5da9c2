import CLinux
import Glibc
import Testing
import XPMProtocol

/// xpmd as process 1 of a pid namespace, as in a container: its end is the end of everything.
@Suite(.enabled(if: geteuid() == 0, "only root can make pid namespaces"))
struct ContainerTests {
    /// Starts xpmd in a namespace of its own. Returns its pid out here.
    private func launch(_ xpmd: Instance) throws -> pid_t {
        xpmd.program = try xpmd.scratch.file(
            "xpmd",
            "#!/bin/sh\nexec unshare --pid --fork --kill-child --mount-proc \(Binaries.xpmd) \"$@\"\n", mode: 0o700)
        let namespace = try xpmd.launch()
        #expect(try xpmd.status().pid == 1)
        return try #require(Processes.children(of: namespace.pid).first)
    }

    @Test(arguments: [SIGTERM, SIGINT]) func servicesAreToldInOrderBeforeItEnds(number: Int32) throws {
        try withInstance { xpmd in
            let pid = try launch(xpmd)
            let run = try xpmd.open("lab")
            let told = xpmd.scratch.path + "/told"
            for (id, requires) in [("db", []), ("api", ["db"])] {
                let begun = try Tidings("begun-\(id)", of: xpmd)
                try xpmd.addScript(
                    id,
                    "trap 'echo \(id) >> \(told); exit 0' TERM; echo $$ > \(begun.path); while :; do sleep 1000 & wait; done",
                    to: run
                ) { $0.requires = requires.isEmpty ? nil : requires }
                try xpmd.begin(id)
                _ = try begun.line()
                try xpmd.wait(id, for: .running)
            }
            kill(pid, number)
            #expect(try xpmd.awaitEnd() == .code(0))
            #expect(text(of: told) == "api\ndb\n")
        }
    }

    @Test func leavingTheServicesBehindIsRefused() throws {
        try withInstance { xpmd in
            _ = try launch(xpmd)
            let error = #expect(throws: WireError.self) { try xpmd.call(StopDaemon(keepServices: true)) }
            #expect(error?.code == .conflict, "\(String(describing: error))")
            #expect(try xpmd.status().pid == 1)
        }
    }

    /// A process that comes into the namespace from outside, as by `docker exec`, leaves an orphan that is nobody's but process 1's.
    @Test func orphansAreReaped() throws {
        try withInstance { xpmd in
            let pid = try launch(xpmd)
            let begun = try Tidings("begun", of: xpmd)
            let gate = try Tidings("gate", of: xpmd)
            let entering = try ChildProcess(
                [
                    "nsenter", "-t", "\(pid)", "-p", "sh", "-c",
                    "(echo begun > \(begun.path); read go < \(gate.path)) &",
                ],
                environment: xpmd.serviceEnvironment)
            #expect(try entering.wait() == .code(0))
            _ = try begun.line()
            let orphan = try #require(
                Processes.children(of: pid).first { Processes.commandLine(of: $0).contains("echo begun") })
            let handle = xpm_pidfd_open(orphan)
            defer { close(handle) }
            try gate.letGo()
            #expect(try isReadable(handle, within: patience))
            // Reaped, it is no process any more; a zombie could still be signalled.
            #expect(xpm_pidfd_send_signal(handle, 0) == -1 && errno == ESRCH)
        }
    }
}
