import Glibc
import Testing
import WorkspaceFixture

@testable import XPMWorkspaces

@Suite struct InterpreterTests {
    @Test func jobScriptTellsInterpreterAndPath() throws {
        let text = """
            #!/venv/bin/python3
            # Experimaestro generated task

            import logging
                sys.path.insert(0, '/a b')
                sys.path.insert(0, "/it's")
                sys.path.insert(0, '/\\u00e9\\x41')
                sys.path.insert(1, '/no')
            """
        let script = try #require(JobScript(Array(text.utf8)))
        #expect(script.python == "/venv/bin/python3")
        // What is inserted last comes first.
        #expect(script.path == ["/éA", "/it's", "/a b"])
        #expect(JobScript(Array("#!/bin/sh\necho\n".utf8)) == nil)
        #expect(JobScript([]) == nil)
    }

    @Test(arguments: [
        ("svc", "/src/svc.py", "/src"), ("pkg.tasks.learn", "/src/pkg/tasks/learn.py", "/src"),
        ("pkg", "/src/pkg/__init__.py", "/src"), ("m", "/m.py", "/"), ("a.b", "/src/c/b.py", nil),
        ("t", "/v/lib/python3.11/site-packages/t.py", nil), ("__main__", "/src/run.py", nil),
    ])
    func moduleIsFoundInItsFolder(_ module: String, _ file: String, _ folder: String?) throws {
        let line = Array(#"{"id":1,"module":"\#(module)","file":"\#(file)"}"#.utf8)[...]
        let found = try #require(ModuleFile(line))
        #expect(found.folder == folder)
        #expect(found.script == (module == "__main__" ? file : nil))
    }

    @Test func processTellsHowItWasCalled() {
        func bytes(_ words: String...) -> [UInt8] { words.flatMap { Array($0.utf8) + [0] } }
        let facts = ProcessFacts(
            commandLine: bytes("python", "train.py", "--x"), folder: "/home/a", program: "/usr/bin/python3.11",
            environment: bytes("PATH=/venv/bin:/usr/bin", "PYTHONPATH=/lib:rel", "X"))
        #expect(facts.interpreters == ["/venv/bin/python", "/usr/bin/python", "/usr/bin/python3.11"])
        #expect(facts.script == "/home/a/train.py")
        #expect(facts.path == ["/home/a", "/lib", "/home/a/rel"])
        let relative = ProcessFacts(
            commandLine: bytes("./v/bin/python", "-m", "pkg"), folder: "/home/a", program: "/usr/bin/python3.11",
            environment: bytes("VIRTUAL_ENV=/venv"))
        #expect(relative.interpreters == ["/home/a/./v/bin/python", "/venv/bin/python", "/usr/bin/python3.11"])
        #expect(relative.script == nil && relative.path == ["/home/a"])
    }

    @Test func interpreterOfThisProcessIsItsProgram() throws {
        // Not Python, but a process like any other.
        let interpreter = try #require(InterpreterSearch.ofProcess(getpid()))
        #expect(interpreter.source == .process)
        #expect(
            try InterpreterSearch.resolved(try #require(interpreter.python))
                == InterpreterSearch.resolved("/proc/self/exe")
        )
        #expect(InterpreterSearch.ofProcess(-1) == nil)
    }

    @Test func jobIsFollowedIntoTheWorkspaceAndNowhereElse() throws {
        let scratch = try WorkspaceFolder()
        let outside = try WorkspaceFolder()
        let text = "#!/venv/bin/python3\n# Experimaestro generated task\n\n"
        try scratch.file("jobs/m.t/1/t.py", text)
        try outside.file("jobs/m.t/1/t.py", text)
        let path = try scratch.folder("experiments/e/20261122_124841/jobs/m.t")
        let run = try Folder("\(scratch.root)/experiments/e/20261122_124841")
        try scratch.link("experiments/e/20261122_124841/jobs/m.t/1", to: "\(outside.root)/jobs/m.t/1")
        #expect(InterpreterSearch.ofRun(run, workspace: scratch.root) == nil)
        try scratch.link("experiments/e/20261122_124841/jobs/m.t/2", to: "\(scratch.root)/jobs/m.t/1")
        #expect(InterpreterSearch.ofRun(run, workspace: scratch.root)?.python == "/venv/bin/python3", "\(path)")
    }

    @Test func lockTableTellsOwnersAndNotThoseWhoWait() {
        let text = """
            1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF
            1: -> FLOCK  ADVISORY  WRITE 99 fd:01:1234 0 EOF
            2: POSIX  ADVISORY  WRITE 5 fd:01:1234 0 EOF
            3: FLOCK  ADVISORY  WRITE 0 00:2f:77 0 EOF
            nonsense
            """
        let table = LockTable(Array(text.utf8))
        #expect(table.locks(inode: 1234) == [LockTable.Lock(device: .init(major: 0xFD, minor: 1), pid: 4711)])
        #expect(table.locks(inode: 77).isEmpty)
    }

    @Test func detachedRunSaysSo() {
        #expect(EnvironmentFile.isDetached(Array(#"{"packages":{},"run":{"status":"detached"}}"#.utf8)) == true)
        #expect(EnvironmentFile.isDetached(Array(#"{"run":{"status":null}}"#.utf8)) == false)
        #expect(EnvironmentFile.isDetached(Array(#"{"run":"#.utf8)) == nil)
    }
}
