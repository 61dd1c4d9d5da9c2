import Glibc
import Testing
import XPMProtocol

/// To another user's socket nothing is said: a request may hold a whole environment.
@Suite(.enabled(if: geteuid() == 0, "only root can become another user"))
struct TrustTests {
    /// Another user's process that listens at `path` and tells on a pipe how much its first client has said.
    private func stranger(_ xpmd: Instance, at path: String, _ told: Tidings) throws -> ChildProcess {
        let code = """
            import socket, sys
            pipe = open(sys.argv[2], 'w', buffering=1)
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); pipe.write('listens\\n')
            client, said = s.accept()[0], b''
            while data := client.recv(4096): said += data
            pipe.write('%d\\n' % len(said))
            """
        chmod(told.path, 0o666)
        chmod(xpmd.scratch.path, 0o755)
        let process = try ChildProcess(
            ["setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c", code, path, told.path],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        try #require(try told.line() == "listens")
        chmod(path, 0o777)
        return process
    }

    @Test(arguments: ["XPMD_SOCKET", "XDG_RUNTIME_DIR"]) func nothingIsSaidToAnotherUsersDaemon(variable: String) throws
    {
        try withInstance { xpmd in
            let shared = xpmd.scratch.folder("shared")
            let folder = xpmd.scratch.folder("shared/xpmd")
            for path in [shared, folder] { chmod(path, 0o777) }
            let socket = folder + "/xpmd.sock"
            let told = try Tidings("told", of: xpmd)
            let process = try stranger(xpmd, at: socket, told)
            if variable == "XDG_RUNTIME_DIR" { xpmd.environment["XPMD_RUNTIME_DIR"] = nil }
            xpmd.environment[variable] = variable == "XPMD_SOCKET" ? socket : shared
            let outcome = try xpmd.ctl("add", "s", "--env", "SECRET=x", "--", "true")
            #expect(outcome.code == 7, "\(outcome)")
            #expect(
                outcome.errors.hasPrefix("xpmctl: cannot trust \(socket): a process of user 65534 serves there\n"),
                "\(outcome.errors)")
            #expect(outcome.errors.contains("hint: check XPMD_SOCKET, XPMD_RUNTIME_DIR and XDG_RUNTIME_DIR"))
            #expect(try told.line() == "0")
            try process.wait()
        }
    }

    @Test func folderOfAnotherUserIsNotEntered() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            chmod(xpmd.scratch.path, 0o755)
            let folder = xpmd.scratch.folder("theirs")
            try #require(link(xpmd.socket, folder + "/xpmd.sock") == 0)
            chown(folder, 65534, 65534)
            let named = ["XPMD_SOCKET": folder + "/xpmd.sock"]
            let outcome = try xpmd.ctl("list", environment: named)
            #expect(outcome.code == 7, "\(outcome)")
            #expect(
                outcome.errors.hasPrefix("xpmctl: cannot trust \(folder): it belongs to user 65534\n"),
                "\(outcome.errors)")
            // In one like /tmp only its owner can remove a file.
            chmod(folder, 0o1777)
            #expect(try xpmd.ctl("list", environment: named).code == 0)
        }
    }

    /// A shell whose folder is another user's finds the daemon by the note in the state folder.
    @Test func foreignSocketIsPassedOverForTheNotedOne() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("shared")
            chmod(folder, 0o777)
            let told = try Tidings("told", of: xpmd)
            let process = try stranger(xpmd, at: folder + "/xpmd.sock", told)
            let outcome = try xpmd.ctl("list", environment: ["XPMD_RUNTIME_DIR": folder])
            #expect(outcome.code == 0, "\(outcome)")
            #expect(try told.line() == "0")
            try process.wait()
        }
    }
}
